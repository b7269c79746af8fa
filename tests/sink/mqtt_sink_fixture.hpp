#pragma once

#include "config/load.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/event_loop.hpp"
#include "sink/mqtt/mqtt_sink.hpp"
#include "sink/mqtt_delivery.hpp"
#include "sink/recording_observer.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mqtt_client.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::test {

using SinkSettingsPtr = std::shared_ptr<const SinkSettings>;

/// Settings as an operator writes them; fails the test on any error.
inline SinkSettingsPtr mqtt_settings(const std::string& yaml) {
  sink::mqtt_sink_type.before_threads();
  config::Report report;
  const auto node = config::parse_document(with_mqtt_client(yaml), report);
  auto settings = sink::mqtt_sink_type.read(node.value(), report);
  EXPECT_FALSE(report.has_errors()) << yaml << ": " << config::format_problems(report, "settings");
  return settings;
}

inline std::string url(const std::string& scheme, const std::string& host, std::uint16_t port) {
  return "url: '" + scheme + "://" + host + ":" + std::to_string(port) + "'";
}
inline std::string yaml(const MosquittoBroker& broker, const std::string& more = {}) {
  return "{" + url("mqtt", "localhost", broker.port()) + (more.empty() ? "" : ", " + more) + "}";
}

/// One MQTT sink and what it said.
class RunningSink {
 public:
  RunningSink(EventLoop& loop, const SinkSettingsPtr& settings, const std::string& name = "board")
      : loop_(loop), sink(sink::mqtt_sink_type.make(*settings, {name, loop.executor(), observer})) {
    sink->connect();
  }

  /// True once connected, false when it failed.
  [[nodiscard]] bool connected() {
    (void)loop_.run_until([&] { return !observer.connections.empty() || !observer.losses.empty(); });
    return !observer.connections.empty();
  }
  /// The text of its end, waited for.
  std::string loss(std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    if (!loop_.run_until([&] { return !observer.losses.empty(); }, deadline)) return "(no loss)";
    return observer.losses.front().text;
  }
  bool deliver(const Delivery& delivery) { return observer.deliver(*sink, delivery); }
  /// Delivers and waits for the outcome.
  Outcome outcome_of(const Delivery& delivery) {
    EXPECT_TRUE(deliver(delivery));
    EXPECT_TRUE(
        loop_.run_until([&] { return observer.outcomes.contains(delivery.token) || !observer.losses.empty(); }));
    const auto found = observer.outcomes.find(delivery.token);
    return found == observer.outcomes.end() ? Outcome::retry("(no outcome)") : found->second;
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

class MqttSinkTest : public testing::Test {
 protected:
  EventLoop loop_;
};

/// Several sinks one after the other, or at once.
class MqttConnectionTest : public MqttSinkTest {
 protected:
  RunningSink& run(const std::string& settings) { return run(mqtt_settings(settings)); }
  RunningSink& run(const SinkSettingsPtr& settings) { return sinks_.emplace_back(loop_, settings); }

  std::deque<RunningSink> sinks_;
};

}  // namespace pbxbridge::test
