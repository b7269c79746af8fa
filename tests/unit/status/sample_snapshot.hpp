#pragma once

#include "status/snapshot.hpp"

#include <chrono>

namespace pbxbridge::status {

/// 2026-11-29 02:30:00 UTC.
inline constexpr SystemTime half_past_two{std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) +
                                          std::chrono::minutes(150)};

/// One PBX with two subscriptions, two sinks and a route; all is well with it.
inline Snapshot sample_snapshot() {
  Snapshot snapshot;
  snapshot.at = half_past_two;
  snapshot.process = {
      .version = "0.1.0", .started_at = half_past_two - std::chrono::hours(2), .usage = {.cpu_seconds = 1.5}};
  snapshot.configuration = {.file = "/etc/pbxbridge/pbxbridge.yaml",
                            .hash = "0123456789abcdef",
                            .loaded_at = half_past_two - std::chrono::hours(2),
                            .last_reload = {}};
  Pbx pbx;
  pbx.name = "hq";
  pbx.account = "tenant";
  pbx.session.state = pbx::SessionState::subscribed;
  pbx.session.since = half_past_two - std::chrono::hours(1);
  pbx.session.connection_epoch = 2;
  pbx.session.subscriptions = {
      {"extension_events", "2 extensions", pbx::SubscriptionState::granted, half_past_two - std::chrono::hours(1), ""},
      {"cdr_events", "", pbx::SubscriptionState::silent, half_past_two - std::chrono::hours(1), ""}};
  snapshot.pbxs = {pbx};
  for (const char* name : {"board", "lake"}) {
    Sink sink;
    sink.name = name;
    sink.type = "mqtt";
    sink.loop.state = deliver::SinkState::connected;
    sink.loop.since = half_past_two - std::chrono::hours(1);
    sink.loop.peer = "127.0.0.1:1883, MQTT 5";
    snapshot.sinks.push_back(sink);
  }
  snapshot.routes = {{.number = 1, .line = 20, .match = "every event", .sinks = {"board", "lake"}, .events = 7}};
  snapshot.spool = {.type = "disk", .max_bytes = 1000};
  return snapshot;
}

}  // namespace pbxbridge::status
