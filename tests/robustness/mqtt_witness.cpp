#include "mqtt_witness.hpp"

#include "support/mqtt_client.hpp"
#include "support/wait.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::test {

MqttWitness::MqttWitness(const MosquittoBroker& broker, std::string options, std::uint16_t port, int consumer_qos)
    : port_(port == 0 ? broker.port() : port),
      options_(std::move(options)),
      consumer_(broker, {"pbx/#", "marks"}, consumer_qos) {}

std::string MqttWitness::sink_entry() const {
  return "board: { type: mqtt, client: " + mqtt_client() + ", url: \"mqtt://127.0.0.1:" + std::to_string(port_) +
         "\", format: cloudevents, attributes: full, reconnect: { initial: 50ms, maximum: 500ms }" + options_ + " }";
}

std::string MqttWitness::destination() const { return "{ sink: board, topic: \"pbx/{pbx}/{family}/{entity|none}\" }"; }

std::string MqttWitness::mark_destination() const { return "{ sink: board, topic: marks }"; }

Arrivals MqttWitness::arrivals() {
  Arrivals arrivals{.sink = sink(), .deliveries = {}, .consumer_at_least_once = true};
  for (const auto& message : consumer_.messages())
    arrivals.deliveries.push_back(
        {message.topic, message.id, message.sequence, payload_hash(message.payload), message.redelivered});
  return arrivals;
}

bool MqttWitness::wait_for_mark(const std::string& text, std::chrono::milliseconds deadline) {
  return eventually(
      [&] {
        return std::ranges::any_of(consumer_.messages(), [&](const MqttMessage& message) {
          return message.topic == "marks" && message.payload.find(text) != std::string::npos;
        });
      },
      deadline);
}

}  // namespace pbxbridge::test
