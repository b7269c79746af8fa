#include "payload_way.hpp"

#include "subscriptions.hpp"
#include "untidy_payloads.hpp"
#include "wait.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::test {

namespace {

/// Time on a machine that is busy with other tests.
constexpr std::chrono::seconds arrival_time{60};

}  // namespace

std::vector<std::string> push_everything(Simulator& simulator, BridgeProcess& bridge) {
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})",
                                     everything_subscriptions, arrival_time))
      << bridge.process().transcript();
  std::vector<std::string> payloads = sample_payloads();
  EXPECT_EQ(payloads.size(), 18U);
  for (auto& untidy : untidy_payloads()) payloads.push_back(std::move(untidy));
  for (const auto& payload : payloads) simulator.command("push-hex " + to_hex(payload));
  return payloads;
}

std::vector<std::string> last(const std::vector<std::string>& arrived, std::size_t count) {
  if (arrived.size() < count) return arrived;
  return {arrived.end() - static_cast<std::ptrdiff_t>(count), arrived.end()};
}

void expect_same(const std::vector<std::string>& arrived, const std::vector<std::string>& expected) {
  ASSERT_EQ(arrived.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_TRUE(arrived[i] == expected[i]) << "payload " << i << ": " << arrived[i].substr(0, 200);
}

double delivered(BridgeProcess& bridge, const std::string& sink) {
  return bridge.metric("pbxbridge_events_delivered_total{sink=\"" + sink + "\"}");
}

double accepted(BridgeProcess& bridge) {
  double sum = 0;
  for (const char* family :
       {"extension_management", "extension", "cdr", "queue_management", "queue", "trunk", "unknown"})
    sum += bridge.metric("pbxbridge_events_accepted_total{family=\"" + std::string(family) + "\",pbx=\"hq\"}");
  return sum;
}

bool wait_until_all_is_delivered(BridgeProcess& bridge, const std::string& sink, std::size_t at_least) {
  return eventually(
      [&] {
        const double events = accepted(bridge);
        return events >= static_cast<double>(at_least) && delivered(bridge, sink) == events;
      },
      arrival_time);
}

}  // namespace pbxbridge::test
