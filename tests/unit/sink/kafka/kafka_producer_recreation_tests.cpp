// A producer that has failed or lost its way: the sink ends, and the core makes a new one and delivers again.

#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "sink/redelivering_core.hpp"
#include "support/kafka_consumer.hpp"
#include "support/kafka_mock_cluster.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

class KafkaProducerRecreation : public testing::Test {
 protected:
  KafkaProducerRecreation() { cluster_.create_topic("cdr", 1); }

  /// Configures a producer that may be silent for no longer than `longest_silence`.
  void configure(std::chrono::milliseconds longest_silence, const std::string& lines = {}) {
    settings_ = dynamic_cast<const sink::KafkaSettings&>(*kafka_settings(cluster_.address(), lines));
    settings_.longest_silence = longest_silence;
  }
  std::shared_ptr<const SinkSettings> shared_settings() const {
    return std::make_shared<sink::KafkaSettings>(settings_);
  }
  std::unique_ptr<Sink> make_sink(SinkContext context) {
    if (++sinks_made_ == 2 && before_the_second_sink_) before_the_second_sink_();
    return sink::kafka_sink_type.make(settings_, std::move(context));
  }
  static std::string payload(std::size_t number) { return "{\"n\":" + std::to_string(number) + "}"; }

  /// Delivers `count` events through sinks that are made again as often as needed, and finds all of them in the topic.
  void expect_all_delivered(std::size_t count, std::function<void()> meanwhile) {
    std::vector<Delivery> deliveries;
    for (std::size_t number = 0; number < count; ++number)
      deliveries.push_back(kafka_delivery(number + 1, "cdr", payload(number)));
    core_.emplace(
        loop_, [this](SinkContext context) { return make_sink(std::move(context)); }, std::move(deliveries));
    EXPECT_TRUE(core_->run(40s, std::move(meanwhile)))
        << core_->acknowledged() << " of " << count << " were acknowledged after " << core_->losses()
        << " lost connections and " << core_->retries() << " retries; the last reason: " << core_->last_reason();
    std::set<std::string> arrived;
    for (const auto& record : KafkaConsumer(cluster_.address()).read("cdr")) arrived.insert(record.value.value());
    EXPECT_EQ(arrived.size(), count);
  }

  MockCluster cluster_;
  EventLoop loop_;
  sink::KafkaSettings settings_;
  std::function<void()> before_the_second_sink_;
  int sinks_made_ = 0;
  std::optional<RedeliveringCore> core_;
};

TEST_F(KafkaProducerRecreation, AfterAFatalErrorEveryEventArrives) {
  configure(60s, "options: {batch.num.messages: 10, max.in.flight: 2}\n");
  cluster_.answer_after(20ms);
  expect_all_delivered(
      300, [&] { cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER}); });
  EXPECT_EQ(core_->losses(), 1U);
  EXPECT_THAT(core_->last_reason(), HasSubstr("idempotent producer failed"));
}

TEST_F(KafkaProducerRecreation, AfterAStandstillEveryEventArrives) {
  configure(1500ms, "options: {batch.num.messages: 10, max.in.flight: 2}\n");
  cluster_.answer_after(20ms);
  before_the_second_sink_ = [&] { cluster_.elect_leader("cdr"); };
  expect_all_delivered(300, [&] { cluster_.remove_leader("cdr"); });
  EXPECT_EQ(core_->losses(), 1U);
  EXPECT_THAT(core_->last_reason(), HasSubstr("no event was acknowledged for 1.5 s"));
}

TEST_F(KafkaProducerRecreation, IsNotForAProducerWithoutEvents) {
  configure(500ms);
  RunningKafkaSink sink(loop_, shared_settings());
  ASSERT_TRUE(sink.connected());
  loop_.run_for(1s);
  EXPECT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, Outcome::Kind::delivered);
  loop_.run_for(1s);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

TEST_F(KafkaProducerRecreation, IsNotForEventsWhoseTopicIsMissing) {
  configure(2500ms, "options: {topic.metadata.propagation.max.ms: 300}\n");
  cluster_.topic_answers("late", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  RunningKafkaSink sink(loop_, shared_settings());
  ASSERT_TRUE(sink.connected());
  const auto end = std::chrono::steady_clock::now() + 4s;
  for (std::uint64_t token = 1; std::chrono::steady_clock::now() < end && sink.observer.losses.empty(); ++token)
    ASSERT_EQ(sink.outcome_of(kafka_delivery(token, "late", "{}")).kind, Outcome::Kind::retry);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

TEST_F(KafkaProducerRecreation, AfterAnOutageEveryEventArrives) {
  configure(60s, "options: {batch.num.messages: 10, max.in.flight: 2}\n");
  cluster_.answer_after(20ms);
  before_the_second_sink_ = [&] { cluster_.come_up(); };
  expect_all_delivered(300, [&] { cluster_.go_down(); });
  EXPECT_EQ(core_->losses(), 1U);
  EXPECT_THAT(core_->last_reason(), HasSubstr("no broker answers"));
}

TEST_F(KafkaProducerRecreation, IsNotForAClusterThatIsDownForAMoment) {
  configure(1s);
  RunningKafkaSink sink(loop_, shared_settings());
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, Outcome::Kind::delivered);
  cluster_.go_down();
  ASSERT_TRUE(sink.deliver(kafka_delivery(2, "cdr", "{}")));
  loop_.run_for(1500ms);
  cluster_.come_up();
  ASSERT_TRUE(sink.settled());
  EXPECT_EQ(sink.observer.outcomes.at(2).kind, Outcome::Kind::delivered);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::test
