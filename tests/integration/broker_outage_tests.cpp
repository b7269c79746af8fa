// The broker goes and comes back while events arrive: all of them reach it, at least once, in order.

#include "kafka_admin.hpp"
#include "kafka_broker.hpp"
#include "kafka_consumer.hpp"
#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "mqtt_client.hpp"
#include "payload_way.hpp"
#include "subscriptions.hpp"
#include "wait.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace pbxbridge::test {
namespace {

constexpr std::chrono::seconds long_enough{60};

constexpr int events = 2000;

std::vector<std::string> under_load() {
  return {
      "--rate", "1000", "--count", std::to_string(events), "--start-after", std::to_string(everything_subscriptions)};
}

/// Asserts about the events that arrived, whatever the broker.
class Arrivals {
 public:
  /// `order` is the topic, or the key, within which order is promised.
  void add(const std::string& order, const std::string& id, const std::string& sequence) {
    if (!ids_.insert(id).second) return;  // a redelivery, after the first
    EXPECT_FALSE(sequence.empty());
    std::string& before = last_sequence_[order];
    EXPECT_LT(before, sequence) << "order of " << order;
    before = sequence;
  }

  std::size_t distinct() const { return ids_.size(); }
  std::size_t orders() const { return last_sequence_.size(); }

 private:
  std::set<std::string> ids_;
  std::map<std::string, std::string> last_sequence_;
};

/// Waits for events: when some are through, lets the broker fall silent until others are in flight, ends it with those
/// unacknowledged, and starts it again when more have come in.
template <class Broker>
void interrupt(Broker& broker, void (Broker::*end)(), BridgeProcess& bridge, const std::string& sink) {
  ASSERT_TRUE(eventually([&] { return delivered(bridge, sink) >= 200; }, long_enough)) << bridge.process().transcript();
  broker.freeze();
  EXPECT_TRUE(
      eventually([&] { return bridge.metric("pbxbridge_sink_in_flight{sink=\"" + sink + "\"}") > 0; }, long_enough));
  (broker.*end)();
  const double before = accepted(bridge);
  ASSERT_LT(before, events) << "the outage must come while events do";
  ASSERT_TRUE(eventually([&] { return accepted(bridge) >= std::min<double>(before + 300, events); }, long_enough))
      << "a dead broker must not hold the reader back";
  EXPECT_LT(delivered(bridge, sink), accepted(bridge));
  broker.start();
}

TEST(BrokerOutage, EveryEventReachesMqttInOrderPerTopic) {
  MosquittoBroker broker({.config = {"max_queued_messages 0"}, .persistence = true});
  MosquittoSubscriber subscriber(broker, "pbx/#", 1);
  Simulator simulator(under_load());
  BridgeProcess bridge(
      everything_of(simulator.url()) + "sinks:\n  board: { type: mqtt, client: " + mqtt_client() +
      ", url: \"mqtt://127.0.0.1:" + std::to_string(broker.port()) +
      "\", format: cloudevents, attributes: full }\nroutes:\n  - match: {}\n    to: { sink: board, topic: "
      "\"pbx/{pbx}/{family}/{entity|none}\" }\n");
  interrupt(broker, &MosquittoBroker::stop, bridge, "board");
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "board", events)) << bridge.process().transcript();

  Arrivals arrivals;
  EXPECT_TRUE(eventually(
      [&] {
        arrivals = {};
        for (const auto& message : subscriber.messages())
          arrivals.add(message.topic, message.user_properties.at("id"), message.user_properties.at("sequence"));
        return arrivals.distinct() == static_cast<std::size_t>(accepted(bridge));
      },
      long_enough))
      << arrivals.distinct() << " arrived of " << accepted(bridge);
  EXPECT_GT(arrivals.orders(), 10U);
}

TEST(BrokerOutage, EveryEventReachesKafkaInOrderPerKey) {
  KafkaBroker broker;
  const std::string topic = fresh_topic_name();
  KafkaAdmin(broker.address()).create_topic(topic, 4);
  Simulator simulator(under_load());
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  lake: { type: kafka, brokers: [\"" +
                       broker.address() +
                       "\"], attributes: full }\nroutes:\n  - match: {}\n    to: { sink: lake, topic: " + topic +
                       ", key: \"{entity|none}\" }\n");
  interrupt(broker, &KafkaBroker::kill, bridge, "lake");
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "lake", events)) << bridge.process().transcript();

  KafkaConsumer consumer(broker.address());
  Arrivals arrivals;
  for (const auto& record : consumer.read_at_least(topic, events, long_enough))
    arrivals.add(record.key.value_or(""), record.header("ce_id"), record.header("ce_sequence"));
  EXPECT_EQ(arrivals.distinct(), static_cast<std::size_t>(accepted(bridge)));
  EXPECT_GT(arrivals.orders(), 10U);
}

}  // namespace
}  // namespace pbxbridge::test
