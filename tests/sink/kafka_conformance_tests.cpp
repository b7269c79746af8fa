// The Kafka row of the conformance suite.

#include "sink/conformance.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_consumer.hpp"

namespace pbxbridge::test {
namespace {

class KafkaHarness : public SinkHarness {
 public:
  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    settings_ = kafka_settings(address_);
    return sink::kafka_sink_type.make(*settings_, std::move(context));
  }
  std::vector<std::string> topics() override { return topics_; }
  std::vector<Arrived> arrived() override {
    std::vector<Arrived> arrived;
    KafkaConsumer consumer(address_);
    for (const auto& topic : topics_)
      for (const auto& record : consumer.read(topic))
        arrived.push_back({record.topic, record.key, record.value.value_or(""), !record.value});
    return arrived;
  }
  RemovalForm removal_form() const override { return RemovalForm::null_value; }
  std::string far_side_name() override { return address_; }
  void reject_for_now() override { KafkaAdmin(address_).delete_topic(topics_.front()); }
  void take_again() override { KafkaAdmin(address_).create_topic(topics_.front(), 3); }
  Delivery make_rejectable(Delivery delivery) override {
    return with_payload(std::move(delivery), "{\"text\":\"" + std::string(2'000'000, 'x') + "\"}");
  }

 protected:
  explicit KafkaHarness(std::string address) : address_(std::move(address)) {
    for (int i = 0; i < 2; ++i) KafkaAdmin(address_).create_topic(topics_.emplace_back(fresh_topic_name()), 3);
  }

 private:
  const std::string address_;
  std::vector<std::string> topics_;
  std::shared_ptr<const SinkSettings> settings_;
};

class SharedKafkaHarness final : public KafkaHarness {
 public:
  SharedKafkaHarness() : KafkaHarness(shared_kafka()) {}
};

/// Starts a broker of its own, for what would disturb other tests.
class OwnKafkaHarness final : private KafkaBroker, public KafkaHarness {
 public:
  OwnKafkaHarness() : KafkaHarness(KafkaBroker::address()) {}
  void take_far_side_down() override { KafkaBroker::kill(); }
  void restart_far_side() override {
    KafkaBroker::kill();
    KafkaBroker::start();
  }
  void freeze() override { KafkaBroker::freeze(); }
  void thaw() override { KafkaBroker::thaw(); }
};

INSTANTIATE_TEST_SUITE_P(Kafka, SinkConformance, testing::Values(harness_factory<SharedKafkaHarness>()));
INSTANTIATE_TEST_SUITE_P(Kafka, SinkRetryConformance, testing::Values(harness_factory<SharedKafkaHarness>()));
INSTANTIATE_TEST_SUITE_P(Kafka, SinkRejectConformance, testing::Values(harness_factory<SharedKafkaHarness>()));
INSTANTIATE_TEST_SUITE_P(Kafka, SinkDownConformance, testing::Values(harness_factory<OwnKafkaHarness>()));
INSTANTIATE_TEST_SUITE_P(Kafka, SinkFreezeConformance, testing::Values(harness_factory<OwnKafkaHarness>()));
INSTANTIATE_TEST_SUITE_P(Kafka, SinkRestartConformance, testing::Values(harness_factory<OwnKafkaHarness>()));

}  // namespace
}  // namespace pbxbridge::test
