#pragma once

#include "bridge_process.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace pbxbridge::test {

inline const std::string to_stdout =
    "sinks:\n  out: { type: stdout, format: raw }\nroutes:\n  - match: {}\n    to: { sink: out }\n";
inline const std::string streaming = R"(pbxbridge_pbx_authenticated{pbx="hq"})";
inline const std::string granted = R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})";
inline const std::string reconnects = R"(pbxbridge_pbx_reconnects_total{pbx="hq"})";

/// Time on a machine that is busy with other tests.
inline constexpr std::chrono::seconds long_enough{60};

/// The line of the log with that code; where none comes, a failure and an empty line.
inline std::string log_of(BridgeProcess& bridge, const std::string& code) {
  auto line = bridge.process().wait_for_error("\"code\":\"" + code + "\"", long_enough);
  if (!line) ADD_FAILURE() << "no line with the code " << code << ":\n" << bridge.process().transcript();
  return std::move(line).value_or("");
}

[[nodiscard]] inline bool wait_for_metric(BridgeProcess& bridge, const std::string& series, double value) {
  return bridge.wait_for_metric(series, value, long_enough);
}

[[nodiscard]] inline bool wait_until_subscribed(BridgeProcess& bridge, int subscriptions = everything_subscriptions) {
  return wait_for_metric(bridge, granted, subscriptions);
}

inline void expect_events_flow(Simulator& simulator, BridgeProcess& bridge, const std::string& mark) {
  simulator.command(R"(push {"event_type":"call_start","session_id":")" + mark + "\"}");
  EXPECT_TRUE(bridge.process().wait_for_output(mark, long_enough)) << bridge.process().transcript();
}

/// `everything_of`, where a certificate of the simulator's own authority is trusted.
inline std::string everything_over_tls(const Simulator& simulator, const std::string& more = "") {
  return everything_of(simulator.url(), "    tls: { ca_file: " + simulator.ca_file().string() + " }\n" + more);
}

}  // namespace pbxbridge::test
