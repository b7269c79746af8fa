#include "mosquitto_subscriber.hpp"

#include "mosquitto_sub.hpp"
#include "wait.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {
namespace {

std::vector<std::string> command(const MqttAccess& broker, const std::string& topic_filter, int qos) {
  static std::atomic<int> subscribers = 0;
  auto words = mosquitto_sub(broker, "subscriber-" + std::to_string(++subscribers), qos, "%x %j", {topic_filter});
  words.insert(words.begin(), {"stdbuf", "-oL"});
  if (broker.version == "5") words.emplace_back("--retain-as-published");
  return words;
}

/// `message HEX JSON`; the JSON holds the payload once more, as a text that may be no valid one.
ReceivedMessage parse(std::string_view line) {
  line.remove_prefix(message_mark.size());
  const auto space = line.find(' ');
  ReceivedMessage message;
  message.payload = bytes_of(line.substr(0, space));
  std::string facts(line.substr(space + 1));
  facts.replace(facts.find(",\"payload\":"), std::string::npos, "}");
  const auto json = nlohmann::json::parse(facts);
  message.topic = json.at("topic");
  message.qos = json.at("qos");
  message.retain = json.at("retain") == 1;
  const auto properties = json.value("properties", nlohmann::json::object());
  message.content_type = properties.value("content-type", "");
  if (properties.contains("message-expiry-interval"))
    message.message_expiry = properties.at("message-expiry-interval").get<std::uint32_t>();
  message.user_properties = properties.value("user-properties", std::map<std::string, std::string>());
  return message;
}

}  // namespace

MosquittoSubscriber::MosquittoSubscriber(const MqttAccess& broker, std::string topic_filter, int qos)
    : process_(command(broker, topic_filter, qos)) {
  if (!process_.wait_for_output("Subscribed (mid"))
    throw std::runtime_error("not subscribed:\n" + process_.transcript());
}

std::size_t MosquittoSubscriber::subscriptions() const {
  const auto lines = process_.output_lines();
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [](const auto& line) { return line.find("Subscribed (mid") != std::string::npos; }));
}

std::vector<ReceivedMessage> MosquittoSubscriber::messages() const {
  std::vector<ReceivedMessage> messages;
  for (const auto& line : process_.output_lines())
    if (line.starts_with(message_mark)) messages.push_back(parse(line));
  return messages;
}

std::vector<ReceivedMessage> MosquittoSubscriber::messages(const std::string& topic) const {
  auto found = messages();
  std::erase_if(found, [&](const ReceivedMessage& message) { return message.topic != topic; });
  return found;
}

std::vector<ReceivedMessage> MosquittoSubscriber::wait_for(std::size_t count,
                                                           std::chrono::milliseconds deadline) const {
  (void)eventually(
      [&] {
        const auto lines = process_.output_lines();
        return std::cmp_greater_equal(
            std::ranges::count_if(lines, [](const auto& line) { return line.starts_with(message_mark); }), count);
      },
      deadline);
  auto found = messages();
  found.resize(std::min(found.size(), count));
  return found;
}

bool MosquittoSubscriber::wait_for_topic(const std::string& topic, std::chrono::milliseconds deadline) const {
  return eventually([&] { return !messages(topic).empty(); }, deadline);
}

}  // namespace pbxbridge::test
