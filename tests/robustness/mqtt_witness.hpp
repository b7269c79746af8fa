#pragma once

#include "mqtt_consumer.hpp"
#include "support/mosquitto_broker.hpp"
#include "witness.hpp"

#include <cstdint>
#include <string>

namespace pbxbridge::test {

/// MQTT's part: the sink `board`, a topic for each entity, and a mosquitto_sub that was there from the beginning.
class MqttWitness final : public Witness {
 public:
  /// pbxbridge connects to `port`, where that is another than the broker's own. `options` are further settings of the
  /// sink, such as `, client_id: twin`. `consumer_qos` 0 is for a broker that forgets what it has queued: it hands such
  /// messages on at once.
  explicit MqttWitness(const MosquittoBroker& broker, std::string options = "", std::uint16_t port = 0,
                       int consumer_qos = 1);

  std::string sink() const override { return "board"; }
  std::string sink_entry() const override;
  std::string destination() const override;
  std::string mark_destination() const override;
  Arrivals arrivals() override;
  bool wait_for_mark(const std::string& text, std::chrono::milliseconds deadline) override;

 private:
  std::uint16_t port_;
  std::string options_;
  MqttConsumer consumer_;
};

}  // namespace pbxbridge::test
