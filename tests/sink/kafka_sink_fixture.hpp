#pragma once

#include "pbxbridge/config/document.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/event_loop.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "sink/recording_observer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::test {

/// Settings as an operator writes them; fails the test on any error.
inline std::shared_ptr<const SinkSettings> kafka_settings(const std::string& brokers, const std::string& lines = {}) {
  config::Report report;
  const auto node = config::parse_document("type: kafka\nbrokers: [\"" + brokers + "\"]\n" + lines, report);
  auto settings = sink::kafka_sink_type.read(node.value(), report);
  for (const auto& problem : report.problems())
    if (!problem.warning) ADD_FAILURE() << lines << ": " << problem.text;
  return settings;
}

/// An event of queue 8001 that was received at 1,750,000,000.123 s.
inline EventPtr queue_event(std::string_view payload, std::uint64_t sequence = 1, bool is_removal = false) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "queue_status";
  attributes.tenant = "7";
  attributes.entity = "8001";
  attributes.entity_kind = EntityKind::queue;
  attributes.family = Family::queue;
  attributes.payload_kind = PayloadKind::json_object;
  attributes.received_at = SystemTime(std::chrono::milliseconds(1'750'000'000'123));
  attributes.is_removal = is_removal;
  auto event = Event::make(payload, attributes);
  event->accept(Sequence{sequence}, *SpoolId::from_text("0123456789abcdef"));
  return event;
}

inline Delivery kafka_delivery(std::uint64_t token, std::string topic, std::string_view payload,
                               std::string key = "8001", std::optional<Format> format = {}) {
  Delivery delivery;
  delivery.token = token;
  delivery.topic = std::move(topic);
  delivery.key = std::move(key);
  delivery.event = queue_event(payload, token);
  auto options = std::make_shared<FormatOptions>();
  options->format = format;
  delivery.options = std::move(options);
  return delivery;
}

/// One Kafka sink, connecting, and what it said.
class RunningKafkaSink {
 public:
  RunningKafkaSink(EventLoop& loop, const std::shared_ptr<const SinkSettings>& settings)
      : loop_(loop), sink(sink::kafka_sink_type.make(*settings, {"lake", loop.executor(), observer})) {
    sink->connect();
  }

  /// True once connected, false when it failed.
  [[nodiscard]] bool connected() {
    (void)loop_.run_until([&] { return !observer.connections.empty() || !observer.losses.empty(); });
    for (const auto& loss : observer.losses) std::printf("not connected: %s\n", loss.text.c_str());
    return !observer.connections.empty();
  }
  /// Its end, waited for.
  Error loss(std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    if (!loop_.run_until([&] { return !observer.losses.empty(); }, deadline)) return {ErrorCategory::internal, "none"};
    return observer.losses.front();
  }
  [[nodiscard]] bool deliver(const Delivery& delivery) { return observer.deliver(*sink, delivery); }
  [[nodiscard]] bool settled(std::chrono::milliseconds deadline = std::chrono::seconds(40)) {
    return loop_.run_until([&] { return observer.in_flight() == 0; }, deadline);
  }
  /// Delivers as the core does, again at once what is to be resent; true once each has another outcome.
  [[nodiscard]] bool deliver_until_done(const std::vector<Delivery>& deliveries) {
    for (const Delivery& delivery : deliveries) EXPECT_TRUE(deliver(delivery));
    return loop_.run_until([&] {
      bool done = true;
      for (const Delivery& delivery : deliveries) {
        const bool waits = observer.waits_for(delivery.token);
        const bool again = !waits && observer.outcomes.at(delivery.token).kind == Outcome::Kind::resend;
        EXPECT_TRUE(!again || deliver(delivery));
        done = done && !waits && !again;
      }
      return done;
    });
  }
  /// Delivers, as soon as there is room, and waits for the outcome.
  Outcome outcome_of(const Delivery& delivery) {
    EXPECT_TRUE(loop_.run_until([&] { return deliver(delivery); }));
    if (!settled()) return Outcome::retry("(no outcome)");
    return observer.outcomes.at(delivery.token);
  }
  [[nodiscard]] bool close(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    bool closed = false;
    sink->close(timeout, [&] { closed = true; });
    return loop_.run_until([&] { return closed; }, timeout + std::chrono::seconds(2));
  }

 private:
  EventLoop& loop_;

 public:
  RecordingObserver observer;
  std::unique_ptr<Sink> sink;
};

}  // namespace pbxbridge::test
