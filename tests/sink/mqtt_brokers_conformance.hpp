#pragma once

#include "sink/conformance.hpp"
#include "sink/mqtt_sink_fixture.hpp"
#include "support/mosquitto_subscriber.hpp"
#include "support/mqtt_broker_program.hpp"
#include "support/wait.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::test {

/// Particulars of the sink.
struct MqttSinkOptions {
  std::string version = {};  ///< empty: the newest that the broker speaks
  std::string more = {};     ///< YAML: ", qos: 2"
};

inline std::string mqtt_yaml(const MqttAccess& broker, const MqttSinkOptions& options = {}) {
  std::string yaml = "{" + url("mqtt", "127.0.0.1", broker.port) +
                     ", version: " + (options.version.empty() ? broker.version : options.version);
  if (!broker.user.empty()) yaml += ", username: '" + broker.user + "', password: '" + broker.password + "'";
  return yaml + options.more + "}";
}

/// Any broker but mosquitto, whose harness has more to it (mqtt_conformance_tests.cpp).
class MqttBrokerHarness final : public SinkHarness {
 public:
  MqttBrokerHarness(MqttBrokerKind kind, const MqttSinkOptions& options)
      : broker_(std::move(kind)),
        subscriber_(broker_.access(), "pbx/#", 1),
        settings_(mqtt_settings(mqtt_yaml(broker_.access(), options))) {}

  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    return sink::mqtt_sink_type.make(*settings_, std::move(context));
  }
  std::vector<std::string> topics() override { return {"pbx/queue", "pbx/extension"}; }
  std::vector<Arrived> arrived() override {
    if (!eventually([&] { return subscriber_.subscriptions() > restarts_; }, std::chrono::seconds(60)))
      throw std::runtime_error("the subscriber is not back");
    // Everything has arrived when nothing more comes for a while.
    std::size_t before = 0;
    while (before != subscriber_.wait_for(before + 1, std::chrono::seconds(1)).size())
      before = subscriber_.messages().size();
    std::vector<Arrived> arrived;
    for (auto& message : subscriber_.messages())
      arrived.push_back({std::move(message.topic), std::nullopt, std::move(message.payload)});
    if (!broker_.keeps_order()) std::ranges::stable_sort(arrived, is_of_smaller_number);
    return arrived;
  }
  void take_far_side_down() override { broker_.kill(); }
  std::string far_side_name() override { return "127.0.0.1:" + std::to_string(broker_.access().port); }
  void restart_far_side() override {
    broker_.kill();
    broker_.start();
    ++restarts_;
  }
  void freeze() override { broker_.freeze(); }
  void thaw() override { broker_.thaw(); }
  Delivery make_rejectable(Delivery delivery) override {
    delivery.topic = "forbidden/queue";
    return delivery;
  }

 private:
  /// Compares two payloads of one key by their number without leading zeros. Order is judged on other brokers.
  static bool is_of_smaller_number(const Arrived& one, const Arrived& other) {
    return std::pair(one.payload.size(), one.payload) < std::pair(other.payload.size(), other.payload);
  }

  MqttBrokerProgram broker_;
  MosquittoSubscriber subscriber_;
  SinkSettingsPtr settings_;
  std::size_t restarts_ = 0;
};

inline HarnessFactory on(MqttBrokerKind (*kind)(), const MqttSinkOptions& options = {}) {
  return {[=] { return std::make_unique<MqttBrokerHarness>(kind(), options); }};
}

}  // namespace pbxbridge::test
