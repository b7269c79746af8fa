#pragma once

#include "support/mosquitto_broker.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::test {

struct MqttMessage {
  std::string topic;
  std::string payload;
  std::string id;  ///< user properties of the CloudEvents
  std::string sequence;
  bool redelivered = false;
};

/// A mosquitto_sub for hundreds of thousands of messages: it writes a file, which is read on from where it was left. It
/// connects again by itself, and its session lasts.
class MqttConsumer {
 public:
  /// Returns when it is subscribed.
  MqttConsumer(const MosquittoBroker& broker, const std::vector<std::string>& filters, int qos);

  /// All that has come so far, in order.
  const std::vector<MqttMessage>& messages();

 private:
  void read_on();

  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
  std::size_t read_bytes_ = 0;
  bool subscribed_ = false;
  std::vector<MqttMessage> messages_;
};

}  // namespace pbxbridge::test
