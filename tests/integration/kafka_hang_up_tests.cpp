// A Kafka broker ends the connection on a request above its socket.request.max.bytes, and librdkafka sends that again
// forever. The event at fault stops no other; a broker or a network that fails turns none into a dead letter.

#include "core_and_sink.hpp"
#include "kafka_admin.hpp"
#include "kafka_broker.hpp"
#include "kafka_consumer.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "tcp_relay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* topic = "hang-ups";

class KafkaHangUp : public testing::Test {
 protected:
  void create_topic(int partitions = 1) { KafkaAdmin(broker_.address()).create_topic(topic, partitions); }
  CoreAndSink& start(const std::string& key = "{entity}", const std::string& more = {}) {
    core_.emplace(sink::kafka_sink_type, "{brokers: ['" + broker_.address() + "']" + more + "}", topic, key);
    core_->start();
    return *core_;
  }
  /// Numbered events, those of `large` of 30 kB.
  void append(int count, const std::set<int>& large = {}) {
    for (int i = 0; i < count; ++i) {
      const std::string text(large.contains(appended_) ? 30'000 : 10, 'x');
      core_->append(R"({"n":)" + std::to_string(appended_) + R"(,"text":")" + text + "\"}", std::to_string(appended_));
      ++appended_;
    }
  }
  std::string said() const { return core_->lines(); }
  /// Returns them in the order of the last time that each arrived.
  std::vector<int> arrived() const {
    std::map<int, std::size_t> places;
    std::size_t place = 0;
    for (const auto& record : KafkaConsumer(broker_.address()).read(topic))
      places[std::stoi(record.value.value().substr(5))] = ++place;
    std::map<std::size_t, int> order;
    for (const auto& [number, last] : places) order.emplace(last, number);
    std::vector<int> numbers;
    for (const auto& [last, number] : order) numbers.push_back(number);
    return numbers;
  }
  std::vector<int> all_but(const std::set<int>& large) const {
    std::vector<int> numbers;
    for (int i = 0; i < appended_; ++i)
      if (!large.contains(i)) numbers.push_back(i);
    return numbers;
  }

  KafkaBroker broker_{{.advertised = {}, .token_keys = {}, .properties = {{"socket.request.max.bytes", "20000"}}}};
  std::optional<CoreAndSink> core_;
  int appended_ = 0;
};

TEST_F(KafkaHangUp, ForTwoLargeEventsOfThirtyKeepsNoOther) {
  create_topic();
  CoreAndSink& core = start();
  append(30, {11, 20});
  EXPECT_TRUE(core.run_until([&] { return core.delivered() == 28; }, 10s)) << core.delivered() << "\n" << said();
  ASSERT_TRUE(core.run_until([&] { return core.done(); }, 20s)) << said();
  ASSERT_THAT(core.letters(), SizeIs(2));
  for (const auto& letter : core.letters())
    EXPECT_THAT(letter.reason, AllOf(HasSubstr(broker_.address()), HasSubstr("socket.request.max.bytes")));
  EXPECT_THAT(core.lines_with("sink.suspect"), Each(AllOf(HasSubstr("topic=hang-ups"), HasSubstr("size_bytes=30"))));
  EXPECT_THAT(core.lines_with("sink.rejected"), SizeIs(2));
  EXPECT_THAT(said(), Not(HasSubstr("xxx"))) << "no payload";
  EXPECT_THAT(arrived(), SizeIs(28));
}

TEST_F(KafkaHangUp, ForSeveralEventsOfOneTopicKeepsTheirOrder) {
  create_topic();
  const std::set<int> large = {3, 4, 17};
  CoreAndSink& core = start("");
  append(30, large);
  ASSERT_TRUE(core.run_until([&] { return core.done(); }, 25s)) << said();
  EXPECT_THAT(core.letters(), SizeIs(3));
  EXPECT_EQ(arrived(), all_but(large));
}

TEST_F(KafkaHangUp, WhileOtherPartitionsFlowOnKeepsNoOther) {
  create_topic(4);
  CoreAndSink& core = start();
  append(200, {60});
  for (int i = 0; i < 100; ++i) {
    core.run_for(20ms);
    append(5);
  }
  EXPECT_TRUE(core.run_until([&] { return core.done(); }, 12s)) << said();
  EXPECT_THAT(core.letters(), SizeIs(1)) << said();
  EXPECT_EQ(core.delivered(), appended_ - 1);
  EXPECT_THAT(arrived(), SizeIs(static_cast<std::size_t>(appended_ - 1)));
}

TEST_F(KafkaHangUp, WithNothingElseToSend) {
  create_topic();
  CoreAndSink& core = start();
  append(1, {0});
  ASSERT_TRUE(core.run_until([&] { return core.letters().size() == 1; }, 10s)) << said();
  append(1);
  EXPECT_TRUE(core.run_until([&] { return core.delivered() == 1; }, 5s)) << said();
}

/// Though no event alone is: a request holds as many as there are.
TEST_F(KafkaHangUp, ForARequestOfManyEventsMakesNoDeadLetter) {
  create_topic();
  CoreAndSink& core = start("");
  append(1000);
  EXPECT_TRUE(core.run_until([&] { return core.done(); }, 20s)) << said();
  EXPECT_THAT(core.letters(), SizeIs(0)) << said();
  EXPECT_EQ(arrived(), all_but({}));
}

TEST_F(KafkaHangUp, OfABrokerThatIsKilledAgainAndAgainMakesNoDeadLetter) {
  create_topic();
  CoreAndSink& core = start();
  for (int kill = 0; kill < 3; ++kill) {
    append(100);
    core.run_for(700ms);
    broker_.kill();
    append(10);
    core.run_for(300ms);
    broker_.start();
  }
  EXPECT_TRUE(core.run_until([&] { return core.done(); }, 30s)) << said();
  EXPECT_THAT(core.letters(), SizeIs(0)) << said();
}

/// The broker is there again after each outage, which ends all connections, some at once and some for a while.
TEST(KafkaBehindANetwork, ThatFailsAgainAndAgainMakesNoDeadLetter) {
  TcpRelay relay(0);
  const KafkaBroker broker(
      {.advertised = {"127.0.0.1:" + std::to_string(relay.port())}, .token_keys = {}, .properties = {}});
  const std::string listener = broker.misleading_address(0);
  relay.redirect(static_cast<std::uint16_t>(std::stoi(listener.substr(listener.find(':') + 1))));
  KafkaAdmin(broker.address()).create_topic(topic);
  const auto seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  CoreAndSink core(sink::kafka_sink_type, "{brokers: ['127.0.0.1:" + std::to_string(relay.port()) + "']}", topic,
                   "{entity}");
  core.start();
  int appended = 0;
  for (int outage = 0; outage < 60; ++outage) {
    for (int i = 0; i < 20; ++i) core.append("{}", std::to_string(appended++));
    core.run_for(std::chrono::milliseconds(random() % 250));
    const bool is_longer = random() % 3 == 0;
    if (is_longer) relay.reject();
    relay.reset_connections();
    if (is_longer) core.run_for(std::chrono::milliseconds(random() % 300));
    relay.open();
  }
  EXPECT_TRUE(core.run_until([&] { return core.done(); }, 40s)) << "seed " << seed << "\n" << core.lines();
  EXPECT_THAT(core.letters(), SizeIs(0)) << "seed " << seed << "\n" << core.lines();
}

}  // namespace
}  // namespace pbxbridge::test
