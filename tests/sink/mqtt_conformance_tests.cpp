#include "sink/conformance.hpp"
#include "sink/mqtt_scripted_broker.hpp"
#include "sink/mqtt_sink_fixture.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mosquitto_subscriber.hpp"
#include "support/wait.hpp"

#include <stdexcept>

namespace pbxbridge::test {
namespace {

class MqttHarness : public SinkHarness {
 public:
  explicit MqttHarness(const std::string& more, const MosquittoOptions& options = {})
      : broker_(options),
        subscriber_(broker_, "pbx/#", 1),
        settings_(mqtt_settings("{url: 'mqtt://127.0.0.1:" + std::to_string(broker_.port()) + "'" + more + "}")) {}

  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    return sink::mqtt_sink_type.make(*settings_, std::move(context));
  }
  std::vector<std::string> topics() override { return {"pbx/queue", "pbx/extension"}; }
  std::vector<Arrived> arrived() override {
    // Everything has arrived when nothing more comes for a while; but the subscriber takes a second to come back.
    if (restarted_ && !broker_.wait_for_log(" as subscriber-")) throw std::runtime_error("the subscriber is not back");
    std::size_t before = 0;
    while (before != subscriber_.wait_for(before + 1, std::chrono::milliseconds(500)).size())
      before = subscriber_.messages().size();
    std::vector<Arrived> arrived;
    for (auto& message : subscriber_.messages())
      arrived.push_back({std::move(message.topic), std::nullopt, std::move(message.payload)});
    return arrived;
  }
  void take_far_side_down() override { broker_.kill(); }
  std::string far_side_name() override { return "127.0.0.1:" + std::to_string(broker_.port()); }
  /// mosquitto keeps what it has acknowledged in memory only: an end with SIGTERM, which lets it write that, is the
  /// crash that it survives.
  void restart_far_side() override {
    broker_.stop();
    broker_.start();
    restarted_ = true;
  }
  void freeze() override { broker_.freeze(); }
  void thaw() override { broker_.thaw(); }
  Delivery make_rejectable(Delivery delivery) override { return with_payload(delivery, std::string(200'001, 'x')); }

 private:
  MosquittoBroker broker_;
  MosquittoSubscriber subscriber_;
  SinkSettingsPtr settings_;
  bool restarted_ = false;
};

/// A broker with a quota, which mosquitto does not have.
class QuotaHarness : public SinkHarness {
 public:
  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    broker_ = std::make_unique<ScriptedMqttBroker>(context.executor);
    settings_ = mqtt_settings("{url: 'mqtt://127.0.0.1:" + std::to_string(broker_->port()) + "', prefix: ''}");
    return sink::mqtt_sink_type.make(*settings_, std::move(context));
  }
  std::vector<std::string> topics() override { return {"pbx/queue"}; }
  std::vector<Arrived> arrived() override {
    std::vector<Arrived> arrived;
    for (const auto& [topic, payload] : broker_->messages) arrived.push_back({topic, std::nullopt, payload});
    return arrived;
  }
  void reject_for_now() override {
    broker_->acknowledge = [](const auto&) { return ScriptedMqttBroker::Acknowledgement{0x97, "quota exceeded"}; };
  }
  void take_again() override { broker_->acknowledge = nullptr; }

 private:
  std::unique_ptr<ScriptedMqttBroker> broker_;
  SinkSettingsPtr settings_;
};

/// mosquitto drops what exceeds its queue for a slow subscriber; here it may not.
MosquittoOptions patient(std::vector<std::string> config = {}) {
  config.emplace_back("max_queued_messages 100000");
  return {.config = std::move(config), .persistence = true};
}

HarnessFactory factory(const std::string& more, const std::vector<std::string>& config = {}) {
  return {[=] { return std::make_unique<MqttHarness>(more, patient(config)); }};
}

const auto version_5 = factory(", message_expiry: 1h");
const auto version_3_1_1 = factory(", version: 3.1.1");
const auto exactly_once = factory(", qos: 2");
const auto at_most_once = factory(", qos: 0");
const auto cloudevents = factory(", format: cloudevents", {"max_inflight_messages 1000"});
const auto small_packets = factory("", {"message_size_limit 200000"});

INSTANTIATE_TEST_SUITE_P(Mqtt5, SinkConformance, testing::Values(version_5));
INSTANTIATE_TEST_SUITE_P(Mqtt311, SinkConformance, testing::Values(version_3_1_1));
INSTANTIATE_TEST_SUITE_P(MqttQos2, SinkConformance, testing::Values(exactly_once));
INSTANTIATE_TEST_SUITE_P(MqttQos0, SinkConformance, testing::Values(at_most_once));
INSTANTIATE_TEST_SUITE_P(MqttCloudEvents, SinkConformance, testing::Values(cloudevents));
INSTANTIATE_TEST_SUITE_P(Mqtt5, SinkDownConformance, testing::Values(version_5));
INSTANTIATE_TEST_SUITE_P(Mqtt311, SinkDownConformance, testing::Values(version_3_1_1));
INSTANTIATE_TEST_SUITE_P(Mqtt5, SinkFreezeConformance, testing::Values(version_5));
INSTANTIATE_TEST_SUITE_P(Mqtt311, SinkFreezeConformance, testing::Values(version_3_1_1));
INSTANTIATE_TEST_SUITE_P(MqttQos2, SinkFreezeConformance, testing::Values(exactly_once));
INSTANTIATE_TEST_SUITE_P(Mqtt5, SinkRestartConformance, testing::Values(version_5));
INSTANTIATE_TEST_SUITE_P(Mqtt311, SinkRestartConformance, testing::Values(version_3_1_1));
INSTANTIATE_TEST_SUITE_P(MqttQos2, SinkRestartConformance, testing::Values(exactly_once));
INSTANTIATE_TEST_SUITE_P(Mqtt, SinkRejectConformance, testing::Values(small_packets));
INSTANTIATE_TEST_SUITE_P(Mqtt, SinkRetryConformance, testing::Values(harness_factory<QuotaHarness>()));

}  // namespace
}  // namespace pbxbridge::test
