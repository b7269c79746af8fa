// Stage from a routed event to its acknowledgement, through the Kafka sink and librdkafka, with librdkafka's own mock
// cluster in this process in place of brokers.

#include "pbxbridge/config/document.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/event_loop.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"
#include "support/kafka_mock_cluster.hpp"

#include <cstdio>
#include <cstdlib>

namespace pbxbridge::bench {
namespace {

class Confirmations final : public SinkObserver {
 public:
  void connected(std::string) override { is_connected = true; }
  void connection_lost(Error error) override {
    std::fprintf(stderr, "the mock cluster is gone: %s\n", error.text.c_str());
    std::abort();
  }
  void outcome(std::uint64_t, Outcome outcome) override { acknowledged += outcome.kind == Outcome::Kind::delivered; }
  void writable() override {}
  void notice(std::string, std::string) override {}

  bool is_connected = false;
  std::uint64_t acknowledged = 0;
};

std::shared_ptr<const SinkSettings> settings(const std::string& brokers, const std::string& format) {
  config::Report report;
  const auto node = config::parse_document("type: kafka\n" + format + "\nbrokers: [\"" + brokers + "\"]\n", report);
  return sink::kafka_sink_type.read(node.value(), report);
}

std::vector<Delivery> deliveries() {
  std::vector<Delivery> all;
  for (const auto& event : sample_events()) {
    Delivery delivery;
    delivery.token = all.size() + 1;
    delivery.event = event;
    delivery.topic = "pbx.events.v1";
    delivery.key = event->entity();
    all.push_back(std::move(delivery));
  }
  return all;
}

void produce(benchmark::State& state, const std::string& format) {
  const test::MockCluster cluster;
  test::EventLoop loop;
  Confirmations acknowledgements;
  const auto sink =
      sink::kafka_sink_type.make(*settings(cluster.address(), format), {"lake", loop.executor(), acknowledgements});
  sink->connect();
  if (!loop.run_until([&] { return acknowledgements.is_connected; })) std::abort();
  auto batch = deliveries();
  std::uint64_t sent = 0;
  for (auto _ : state) {
    for (auto& delivery : batch) {
      delivery.token = ++sent;
      if (!sink->deliver(delivery)) state.SkipWithError("the sink has no room");
    }
    if (!loop.run_until([&] { return acknowledgements.acknowledged == sent; })) state.SkipWithError("not acknowledged");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
}

const bool registered =
    register_stage("produce", [](benchmark::State& state) { produce(state, "format: raw"); }) &&
    register_stage("produce-cloudevents", [](benchmark::State& state) { produce(state, "format: cloudevents"); });

}  // namespace
}  // namespace pbxbridge::bench
