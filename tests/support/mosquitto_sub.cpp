#include "mosquitto_sub.hpp"

namespace pbxbridge::test {

namespace {

unsigned digit(char hexadecimal) {
  return static_cast<unsigned>(hexadecimal <= '9' ? hexadecimal - '0' : hexadecimal - 'a' + 10);
}

}  // namespace

std::vector<std::string> mosquitto_sub(const MosquittoBroker& broker, const std::string& client_id, int qos,
                                       const std::string& format, const std::vector<std::string>& topic_filters) {
  std::vector<std::string> words = {"mosquitto_sub",
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
                                    client_id,
                                    "-F",
                                    std::string(message_mark) + format};
  for (const auto& filter : topic_filters) words.insert(words.end(), {"-t", filter});
  if (broker.has_users())
    words.insert(words.end(), {"-u", MosquittoBroker::observer_name, "-P", MosquittoBroker::observer_name});
  return words;
}

std::string bytes_of(std::string_view hexadecimal) {
  std::string bytes(hexadecimal.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(digit(hexadecimal[2 * i]) * 16 + digit(hexadecimal[2 * i + 1]));
  return bytes;
}

}  // namespace pbxbridge::test
