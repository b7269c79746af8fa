#include "mosquitto_subscriber.hpp"

#include "wait.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {
namespace {

constexpr std::string_view mark = "message ";

std::vector<std::string> command(const MosquittoBroker& broker, std::string topic_filter, int qos) {
  static int subscribers = 0;
  std::vector<std::string> words = {"stdbuf",
                                    "-oL",
                                    "mosquitto_sub",
                                    "-d",
                                    "-h",
                                    "127.0.0.1",
                                    "-p",
                                    std::to_string(broker.port()),
                                    "-V",
                                    "5",
                                    "-q",
                                    std::to_string(qos),
                                    "-c",
                                    "-x",
                                    "3600",
                                    "-i",
                                    "subscriber-" + std::to_string(++subscribers),
                                    "--retain-as-published",
                                    "-F",
                                    std::string(mark) + "%x %j",
                                    "-t",
                                    std::move(topic_filter)};
  if (broker.has_users())
    for (const char* word : {"-u", MosquittoBroker::observer_name, "-P", MosquittoBroker::observer_name})
      words.emplace_back(word);
  return words;
}

std::string bytes_of(std::string_view hexadecimal) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hexadecimal.substr(i, 2)), nullptr, 16));
  return bytes;
}

/// `message HEX JSON`; the JSON holds the payload once more, as a text that may be no valid one.
ReceivedMessage parse(std::string_view line) {
  line.remove_prefix(mark.size());
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

MosquittoSubscriber::MosquittoSubscriber(const MosquittoBroker& broker, std::string topic_filter, int qos)
    : process_(command(broker, std::move(topic_filter), qos)) {
  if (!process_.wait_for_output("Subscribed (mid"))
    throw std::runtime_error("not subscribed:\n" + process_.transcript());
}

std::vector<ReceivedMessage> MosquittoSubscriber::messages() const {
  std::vector<ReceivedMessage> messages;
  for (const auto& line : process_.output_lines())
    if (line.starts_with(mark)) messages.push_back(parse(line));
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
            std::ranges::count_if(lines, [](const auto& line) { return line.starts_with(mark); }), count);
      },
      deadline);
  auto found = messages();
  found.resize(std::min(found.size(), count));
  return found;
}

}  // namespace pbxbridge::test
