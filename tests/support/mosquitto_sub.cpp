#include "mosquitto_sub.hpp"

#include <initializer_list>

namespace pbxbridge::test {

namespace {

unsigned digit(char hexadecimal) {
  return static_cast<unsigned>(hexadecimal <= '9' ? hexadecimal - '0' : hexadecimal - 'a' + 10);
}

}  // namespace

std::vector<std::string> mosquitto_sub(const MqttAccess& broker, const std::string& client_id, int qos,
                                       const std::string& format, const std::vector<std::string>& topic_filters) {
  std::vector<std::string> words = {"mosquitto_sub", "-d", "-h", "127.0.0.1", "-c", "-i", client_id};
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  add({"-p", std::to_string(broker.port), "-q", std::to_string(qos), "-F", std::string(message_mark) + format});
  if (broker.version == "5")
    add({"-V", "5", "-x", "3600"});
  else
    add({"-V", "311"});
  if (!broker.user.empty()) add({"-u", broker.user, "-P", broker.password});
  for (const auto& filter : topic_filters) add({"-t", filter});
  return words;
}

std::string bytes_of(std::string_view hexadecimal) {
  std::string bytes(hexadecimal.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(digit(hexadecimal[2 * i]) * 16 + digit(hexadecimal[2 * i + 1]));
  return bytes;
}

}  // namespace pbxbridge::test
