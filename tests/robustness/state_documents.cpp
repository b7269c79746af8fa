#include "state_documents.hpp"

#include "support/kafka_consumer.hpp"
#include "support/mosquitto_subscriber.hpp"
#include "support/process.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace pbxbridge::test {

namespace {

const std::string end_of_retained = "end";

/// Totals by the reason for which a caller comes or leaves.
constexpr std::array<std::pair<std::string_view, const char*>, 5> totals_of_reasons = {{{"enqueue", "entered"},
                                                                                        {"agent_answered", "answered"},
                                                                                        {"hangup", "abandoned"},
                                                                                        {"overflow", "overflowed"},
                                                                                        {"callback", "called_back"}}};

}  // namespace

StateDocuments retained_documents(const MosquittoBroker& broker) {
  const MosquittoSubscriber subscriber(broker, "#", 1);
  // It comes after all that was retained when the subscriber came.
  const auto published = run_to_end(
      {"mosquitto_pub", "-p", std::to_string(broker.port()), "-t", end_of_retained, "-m", end_of_retained, "-q", "1"});
  if (published.exit_code != 0) throw std::runtime_error(published.transcript);
  if (!subscriber.wait_for_topic(end_of_retained))
    throw std::runtime_error("a late subscriber gets no end of what is retained");
  StateDocuments documents;
  for (const auto& message : subscriber.messages())
    if (message.topic.starts_with("state_")) documents[message.topic] = message.payload;
  return documents;
}

CompactedTopic compacted_documents(const std::string& brokers, const std::string& topic) {
  CompactedTopic found;
  std::set<std::string> ids;
  for (const auto& record : KafkaConsumer(brokers).read(topic)) {
    if (!ids.insert(record.header("ce_id")).second) ++found.duplicates;
    if (record.value) {
      found.documents[record.key.value()] = *record.value;
    } else {
      found.documents.erase(record.key.value());
      ++found.removals;
    }
  }
  return found;
}

StateDocuments without_causes(StateDocuments documents) {
  for (auto& [name, document] : documents) document.resize(document.rfind(R"(,"event_id":")"));
  return documents;
}

std::string difference(const std::string& reader, const StateDocuments& documents, const std::string& other_reader,
                       const StateDocuments& others) {
  const auto find = [](const StateDocuments& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? "nothing" : found->second;
  };
  for (const auto* all : {&documents, &others})
    for (const auto& [name, document] : *all) {
      const auto one = find(documents, name);
      const auto other = find(others, name);
      if (one != other) return name + ": " + reader + " has " + one + "\nand " + other_reader + " has " + other;
    }
  return {};
}

QueueTotals totals_of_events(const std::string& brokers, const std::string& topic) {
  QueueTotals totals;
  std::set<std::string> ids;
  for (const auto& record : KafkaConsumer(brokers).read(topic)) {
    if (!ids.insert(record.header("ce_id")).second) continue;
    const auto event = nlohmann::json::parse(record.value.value());
    auto& of_queue = totals[record.key.value()];
    if (event.at("event_type") == "queue_sla_breached") ++of_queue["sla_breached"];
    if (event.at("event_type") != "queue_caller_status") continue;
    for (const auto& caller : event.at("updated_callers"))
      for (const auto& [reason, total] : totals_of_reasons)
        if (caller.at("reason") == reason) ++of_queue[total];
  }
  return totals;
}

std::string difference(const StateDocuments& documents, const QueueTotals& counted) {
  for (const auto& [name, document] : documents) {
    const auto of_queue = counted.find(name);
    if (of_queue == counted.end()) continue;
    const auto queue = nlohmann::json::parse(document);
    for (const auto& [field, total] : of_queue->second)
      if (queue.at(field) != total)
        return name + ": " + field + " should be " + std::to_string(total) + " in " + document;
  }
  return {};
}

}  // namespace pbxbridge::test
