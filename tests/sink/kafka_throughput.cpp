// kafka_throughput HOST:PORT [EVENTS] [FORMAT]: how many events a second the sink alone acknowledges, with payloads of
// 1 KiB and acks=all, on one topic of six partitions. A measurement, not a test.

#include "sink/event_loop.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_admin.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using Clock = std::chrono::steady_clock;

class Feeder final : public SinkObserver {
 public:
  Feeder(EventLoop& loop, const std::string& brokers, const std::string& topic, const std::string& format,
         std::uint64_t events)
      : events_(events), settings_(kafka_settings(brokers, "format: " + format + "\n")) {
    const std::string payload = "{\"event_type\":\"queue_status\",\"text\":\"" + std::string(980, 'x') + "\"}";
    for (int key = 0; key < 1000; ++key)
      deliveries_.push_back(kafka_delivery(0, topic, payload, std::to_string(8000 + key)));
    sink_ = sink::kafka_sink_type.make(*settings_, {"lake", loop.executor(), *this});
    sink_->connect();
  }

  void connected(std::string) override {
    begin = Clock::now();
    feed();
  }
  void connection_lost(Error error) override {
    std::cerr << error.text << '\n';
    std::exit(1);
  }
  void outcome(std::uint64_t, Outcome outcome) override {
    if (outcome.kind != Outcome::Kind::delivered) std::exit(1);
    ++acknowledged;
    feed();
  }
  void writable() override { feed(); }
  void notice(std::string text, std::string peer_words) override { std::cerr << text << peer_words << '\n'; }

  std::uint64_t acknowledged = 0;
  Clock::time_point begin;

 private:
  void feed() {
    while (sent_ < events_ && sent_ - acknowledged < sink_->window()) {
      Delivery& delivery = deliveries_[sent_ % deliveries_.size()];
      delivery.token = sent_ + 1;
      if (!sink_->deliver(delivery)) return;
      ++sent_;
    }
  }

  const std::uint64_t events_;
  std::uint64_t sent_ = 0;
  std::vector<Delivery> deliveries_;
  std::shared_ptr<const SinkSettings> settings_;
  std::unique_ptr<Sink> sink_;
};

int measure(const std::string& brokers, std::uint64_t events, const std::string& format) {
  KafkaAdmin admin(brokers);
  const auto topic = fresh_topic_name();
  admin.create_topic(topic, 6);
  EventLoop loop;
  Feeder feeder(loop, brokers, topic, format, events);
  if (!loop.run_until([&] { return feeder.acknowledged == events; }, std::chrono::minutes(10))) return 1;
  const std::chrono::duration<double> took = Clock::now() - feeder.begin;
  std::cout << events << " events of 1 KiB, " << format << ": " << took.count() << " s, "
            << static_cast<std::uint64_t>(static_cast<double>(events) / took.count()) << " events/s\n";
  admin.delete_topic(topic);
  return 0;
}

}  // namespace
}  // namespace pbxbridge::test

int main(int argument_count, char** arguments) {
  if (argument_count < 2) {
    std::cerr << "usage: kafka_throughput HOST:PORT [EVENTS] [FORMAT]\n";
    return 1;
  }
  return pbxbridge::test::measure(arguments[1], argument_count > 2 ? std::stoull(arguments[2]) : 200'000,
                                  argument_count > 3 ? arguments[3] : "cloudevents");
}
