// The core's loop and the sink before Apache Kafka, which rejects a whole batch for one record in it.

#include "config/config.hpp"
#include "deliver/sink_loop.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/event.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "sink/kept_letters.hpp"
#include "spool/memory_spool.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_consumer.hpp"

#include <gmock/gmock.h>

#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The number at the beginning of a payload.
int number_of(std::string_view payload) {
  int number = -1;
  std::from_chars(payload.data(), payload.data() + payload.size(), number);
  return number;
}

class KafkaDelivery : public testing::Test {
 protected:
  using Time = std::chrono::steady_clock::time_point;

  void create_topic(const std::map<std::string, std::string>& options, int partitions = 1) {
    admin_.create_topic(topic_, partitions, options);
  }

  void add(int number, const std::string& key, std::size_t size,
           SystemTime received = std::chrono::system_clock::now()) {
    std::string payload = std::to_string(number) + " ";
    payload.resize(std::max(size, payload.size()), 'x');
    auto event = Event::make(payload, EventAttributes{.pbx = "hq", .entity = key, .received_at = received});
    events_.push_back(std::move(event));
    keys_.push_back(key);
  }

  /// All events that were added are to be settled within `deadline`.
  void deliver_all(const std::string& lines, std::chrono::milliseconds deadline = 10s) {
    const auto settings = kafka_settings(address_, lines);
    loop_ = std::make_unique<deliver::SinkLoop>(
        io_, "lake", config::SinkConfig{},
        [settings](SinkContext context) { return sink::kafka_sink_type.make(*settings, std::move(context)); }, spool_,
        &letters_, router(), log_, metrics_.sink("lake"), watch_);
    spool_.set_on_readable([this] { loop_->wake(); });
    for (NewEventPtr& event : events_) ASSERT_FALSE(spool_.append(event));
    ASSERT_EQ(spool_.stats().events, events_.size());
    loop_->start();
    ASSERT_TRUE(run_until([&] { return metrics_.sink("lake").connected.value() == 1; }, 30s));
    EXPECT_TRUE(run_until([&] { return spool_.stats().events == 0; }, deadline))
        << spool_.stats().events << " are not settled; dead letters: " << letters_.letters.size();
  }

  /// Requires of each key that the last that is heard of an event comes before the last of all newer ones.
  void expect_order(const std::vector<KafkaRecord>& records) {
    std::map<std::string, std::map<int, std::size_t>> last_places;
    for (std::size_t place = 0; place < records.size(); ++place) {
      const int number = number_of(records[place].value.value());
      last_places[keys_.at(static_cast<std::size_t>(number))][number] = place;
    }
    for (const auto& [key, places] : last_places) {
      std::size_t before = 0;
      for (const auto& [number, place] : places) {
        EXPECT_LE(before, place) << "event " << number << " of key " << key;
        before = place;
      }
    }
  }

  std::vector<KafkaRecord> records() { return KafkaConsumer(address_).read(topic_); }
  static std::set<int> numbers_of(const std::vector<KafkaRecord>& records) {
    std::set<int> numbers;
    for (const auto& record : records) numbers.insert(number_of(record.value.value()));
    return numbers;
  }
  std::set<int> dead() const {
    std::set<int> numbers;
    for (const auto& letter : letters_.letters) numbers.insert(number_of(letter.event->payload()));
    return numbers;
  }

  std::shared_ptr<const route::Router> router() const {
    config::Config config;
    config::SinkConfig kafka;
    kafka.type = "kafka";
    kafka.settings = kafka_settings(address_, "");
    config.sinks.emplace("lake", kafka);
    config::RouteConfig route;
    config::DestinationConfig destination;
    destination.sink.value = "lake";
    destination.topic.value = topic_;
    destination.key.value = "{entity}";
    route.to.push_back(destination);
    config.routes.push_back(route);
    const SinkType types[] = {sink::kafka_sink_type};
    config::Report report;
    return route::Router::compile(config, types, report);
  }

  [[nodiscard]] bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_one_for(10ms);
    }
    return condition();
  }

  const std::string address_ = shared_kafka();
  const std::string topic_ = fresh_topic_name();
  KafkaAdmin admin_{address_};
  boost::asio::io_context io_;
  spool::MemorySpool spool_{1 << 28};
  KeptLetters letters_;
  std::vector<NewEventPtr> events_;  // null once they are in the spool
  std::vector<std::string> keys_;    // by number
  std::vector<std::string> lines_;
  observe::Log log_{observe::LogFormat::text, [this](const std::string& line) { lines_.push_back(line); }};
  metrics::Metrics metrics_;
  deliver::OutcomeWatch watch_;
  std::unique_ptr<deliver::SinkLoop> loop_;
};

// Records too large

struct LargeOnes {
  std::string name;
  std::string options;
  std::function<bool(int)> is_large;
  std::function<std::string(int)> key;
  std::size_t small = 200;
  std::size_t large = 1200;
  std::size_t limit = 900;
  int partitions = 1;
};
void PrintTo(const LargeOnes& large, std::ostream* out) { *out << large.name; }

constexpr int events = 1800;

bool each_ninth(int n) { return n % 9 == 4; }
std::string key_of_large_ones(int n) { return each_ninth(n) ? "large" : std::to_string(n % 20); }
std::string any_key(int n) { return std::to_string(n % 20); }
std::string no_key(int) { return ""; }

class RejectedForSize : public KafkaDelivery, public testing::WithParamInterface<LargeOnes> {};

TEST_P(RejectedForSize, AreDeadLettersWithinSecondsAndAllOthersArriveInOrder) {
  const LargeOnes& given = GetParam();
  create_topic({{"max.message.bytes", std::to_string(given.limit)}}, given.partitions);
  std::set<int> large, small;
  for (int n = 0; n < events; ++n) {
    const bool is_large = given.is_large(n);
    add(n, given.key(n), is_large ? given.large : given.small);
    (is_large ? large : small).insert(n);
  }
  deliver_all("format: raw\noptions: {" + given.options + "}\n");
  EXPECT_EQ(dead(), large);
  for (const auto& letter : letters_.letters) EXPECT_THAT(letter.reason, HasSubstr("max.message.bytes"));
  const auto arrived = records();
  EXPECT_EQ(numbers_of(arrived), small);
  const bool has_keys = !given.key(0).empty();
  if (has_keys && given.partitions == 1) expect_order(arrived);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RejectedForSize,
    testing::Values(LargeOnes{"batches_of_one", "batch.num.messages: 1", each_ninth, key_of_large_ones},
                    LargeOnes{"usual_batches", "", each_ninth, key_of_large_ones},
                    LargeOnes{"many_keys", "", each_ninth, any_key}, LargeOnes{"no_key", "", each_ninth, no_key},
                    LargeOnes{"several_partitions", "", each_ninth, any_key, 200, 1200, 900, 4},
                    LargeOnes{"first", "", [](int n) { return n < 200; }, any_key},
                    LargeOnes{"last", "", [](int n) { return n >= events - 200; }, any_key},
                    LargeOnes{"alternating", "", [](int n) { return n % 2 == 0; }, any_key},
                    LargeOnes{"one_of_all", "", [](int n) { return n == 900; }, any_key, 200, 40'000, 30'000},
                    LargeOnes{"one_request_at_a_time", "max.in.flight.requests.per.connection: 1", each_ninth, any_key},
                    LargeOnes{"not_idempotent", "enable.idempotence: false", each_ninth, key_of_large_ones},
                    LargeOnes{"larger_than_the_producers_default", "message.max.bytes: 10000000",
                              [](int n) { return n % 90 == 4; }, any_key, 600, 1'200'000, 1'100'000}),
    [](const auto& large) { return large.param.name; });

TEST_F(KafkaDelivery, ACompactedTopicTakesAllThatHaveAKey) {
  create_topic({{"cleanup.policy", "compact"}});
  std::set<int> with_key, without;
  for (int n = 0; n < events; ++n) {
    add(n, each_ninth(n) ? "" : any_key(n), 200);
    (each_ninth(n) ? without : with_key).insert(n);
  }
  deliver_all("");
  EXPECT_EQ(dead(), without);
  const auto arrived = records();
  EXPECT_EQ(numbers_of(arrived), with_key);
  expect_order(arrived);
}

// Times

constexpr const char* original = "pbxbridge_original_timestamp";

std::string milliseconds_of(SystemTime time) {
  return std::to_string(std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
}

class RejectedForTime : public KafkaDelivery {
 protected:
  /// `events` of them at equal distances.
  void add_from(SystemTime first, SystemTime last) {
    for (int n = 0; n < events; ++n) {
      received_.push_back(first + (last - first) * n / (events - 1));
      add(n, any_key(n), 200, received_.back());
    }
  }
  void expect_all_in_order_with_their_times(const std::vector<KafkaRecord>& arrived) {
    EXPECT_THAT(letters_.letters, IsEmpty());
    EXPECT_THAT(numbers_of(arrived), SizeIs(events));
    expect_order(arrived);
    for (const auto& record : arrived) {
      const auto own = milliseconds_of(received_.at(static_cast<std::size_t>(number_of(record.value.value()))));
      EXPECT_EQ(record.header(original), std::to_string(record.timestamp_ms) == own ? "" : own);
    }
  }
  std::size_t notices() const {
    return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [](const std::string& line) {
      return line.find("sink.notice") != std::string::npos && line.find(original) != std::string::npos;
    }));
  }

  const SystemTime now_ = std::chrono::system_clock::now();
  std::vector<SystemTime> received_;
};

TEST_F(RejectedForTime, ABacklogOlderThanTheTopicTakesArrivesWithItsTimesInAHeader) {
  create_topic({{"message.timestamp.before.max.ms", "1000"}});
  add_from(now_ - 2h, now_ - 1h);
  deliver_all("");
  const auto arrived = records();
  expect_all_in_order_with_their_times(arrived);
  for (const auto& record : arrived) EXPECT_GE(record.timestamp_ms, 0);
  EXPECT_EQ(notices(), 1U);
}

TEST_F(RejectedForTime, WhatTheTopicTakesKeepsItsTime) {
  create_topic({{"message.timestamp.before.max.ms", "3600000"}});
  add_from(now_ - 100min, now_);
  deliver_all("format: raw\n");
  const auto arrived = records();
  expect_all_in_order_with_their_times(arrived);
  std::set<int> with_header;
  for (const auto& record : arrived)
    if (!record.header(original).empty()) with_header.insert(number_of(record.value.value()));
  EXPECT_LE(with_header.size(), events * 8 / 10) << "half an hour at the least is known to be taken";
}

TEST_F(RejectedForTime, EventsOfTheFutureArrive) {
  create_topic({{"message.timestamp.after.max.ms", "1000"}});
  add_from(now_ + 1h, now_ + 2h);
  deliver_all("format: cloudevents_structured\n");
  EXPECT_GE(records().size(), static_cast<std::size_t>(events));
  EXPECT_THAT(letters_.letters, IsEmpty());
}

/// No clock could be right here, as none is where the broker's differs.
TEST_F(RejectedForTime, WhereThePresentIsRejectedRecordsHaveNoTime) {
  create_topic({{"message.timestamp.before.max.ms", "0"}, {"message.timestamp.after.max.ms", "0"}});
  add_from(now_ - 1min, now_);
  deliver_all("");
  expect_all_in_order_with_their_times(records());
  EXPECT_LE(notices(), 2U);
}

TEST_F(RejectedForTime, OldAndLargeOnesTogether) {
  create_topic({{"message.timestamp.before.max.ms", "1000"}, {"max.message.bytes", "900"}});
  std::set<int> large;
  for (int n = 0; n < events; ++n) {
    add(n, any_key(n), each_ninth(n) ? 1200 : 200, now_ - std::chrono::seconds(events - n));
    if (each_ninth(n)) large.insert(n);
  }
  deliver_all("format: raw\n");
  EXPECT_EQ(dead(), large);
  EXPECT_THAT(numbers_of(records()), SizeIs(events - large.size()));
}

}  // namespace
}  // namespace pbxbridge::test
