#include "mqtt_consumer.hpp"

#include "support/mosquitto_sub.hpp"
#include "support/wait.hpp"

#include <fstream>
#include <stdexcept>

namespace pbxbridge::test {

namespace {

std::vector<std::string> command(const MosquittoBroker& broker, const std::vector<std::string>& filters, int qos,
                                 const std::filesystem::path& output) {
  auto words = mosquitto_sub(broker.access(), "consumer", qos, "%x %t %P", filters);
  words.erase(words.begin());  // the shell names it
  words.insert(words.begin(), {"sh", "-c", "exec stdbuf -oL mosquitto_sub \"$@\" >\"$0\"", output.string()});
  return words;
}

/// Reads ` NAME:VALUE NAME:VALUE`, where the value has no space.
std::string property(std::string_view text, const std::string& name) {
  const auto begin = text.find(" " + name + ":");
  if (begin == text.npos) return "";
  const auto value = text.substr(begin + name.size() + 2);
  return std::string(value.substr(0, value.find(' ')));
}

/// `message HEX TOPIC NAME:VALUE...`
MqttMessage parse(std::string_view line) {
  line.remove_prefix(message_mark.size());
  const auto end_of_payload = line.find(' ');
  const auto end_of_topic = line.find(' ', end_of_payload + 1);
  const auto properties = end_of_topic == line.npos ? std::string_view() : line.substr(end_of_topic);
  return {.topic = std::string(line.substr(end_of_payload + 1, end_of_topic - end_of_payload - 1)),
          .payload = bytes_of(line.substr(0, end_of_payload)),
          .id = property(properties, "id"),
          .sequence = property(properties, "sequence"),
          .redelivered = property(properties, "redelivered") == "true"};
}

}  // namespace

MqttConsumer::MqttConsumer(const MosquittoBroker& broker, const std::vector<std::string>& filters, int qos)
    : process_(std::make_unique<Process>(command(broker, filters, qos, directory_ / "messages"))) {
  const bool subscribed = eventually([&] {
    read_on();
    return subscribed_;
  });
  if (!subscribed) throw std::runtime_error("not subscribed:\n" + process_->transcript());
}

const std::vector<MqttMessage>& MqttConsumer::messages() {
  read_on();
  return messages_;
}

void MqttConsumer::read_on() {
  std::ifstream file(directory_ / "messages", std::ios::binary);
  file.seekg(static_cast<std::streamoff>(read_bytes_));
  for (std::string line; std::getline(file, line) && !file.eof();) {  // a line without its end is still being written
    read_bytes_ += line.size() + 1;
    if (line.starts_with(message_mark)) messages_.push_back(parse(line));
    if (line.starts_with("Subscribed (mid")) subscribed_ = true;
  }
}

}  // namespace pbxbridge::test
