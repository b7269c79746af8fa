// Snapshots, which the PBX pushes right after a subscribe, through the built pbxbridge.

#include "session_fixture.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using Json = nlohmann::json;

class SnapshotsOfAPbx : public testing::Test {
 protected:
  /// Runs pbxbridge with these routes to standard output.
  void start(const std::string& match) {
    bridge_.emplace(
        fmt::format("{}sinks:\n  out: {{ type: stdout, format: cloudevents_structured }}\n"
                    "routes:\n  - match: {}\n    to: {{ sink: out }}\n",
                    everything_of(simulator_.url()), match));
    ASSERT_TRUE(wait_until_subscribed(*bridge_)) << bridge_->process().transcript();
  }
  /// All that has come before an event that is pushed now.
  std::vector<Json> events() {
    const std::string mark = fmt::format("mark-{}", ++marks_);
    expect_events_flow(simulator_, *bridge_, mark);
    std::vector<Json> found;
    for (const auto& line : bridge_->process().output_lines()) found.push_back(Json::parse(line));
    return found;
  }
  /// Number of events of each type that are marked, and of those that are not.
  static std::map<std::string, int> count(const std::vector<Json>& events, bool is_snapshot) {
    std::map<std::string, int> counts;
    for (const auto& event : events)
      if (event.contains("snapshot") == is_snapshot) ++counts[event.at("data").value("event_type", "")];
    return counts;
  }

  Simulator simulator_;
  std::optional<BridgeProcess> bridge_;
  int marks_ = 0;
};

TEST_F(SnapshotsOfAPbx, AreMarkedAfterEachSubscribeAndNothingElseIs) {
  start("{}");
  const auto first = count(events(), true);
  EXPECT_EQ(first.at("extension_status"), 1) << "one event has all extensions";
  EXPECT_EQ(first.at("queue_status"), 1);
  EXPECT_GT(first.at("queue_created"), 1);
  EXPECT_EQ(first.size(), 3U);

  simulator_.command(
      R"(push {"event_type":"queue_status","tenant_id":"710000000000000001","queue_id":"1","queue_number":"8001"})");
  simulator_.command(
      R"(push {"event_type":"extension_status","tenant_id":"710000000000000001","status":[{"extension":"sip:101@example.test"}]})");
  const auto later = events();
  EXPECT_EQ(count(later, true), first);
  EXPECT_EQ(count(later, false).at("queue_status"), 1);
  EXPECT_EQ(count(later, false).at("extension_status"), 1);

  simulator_.command("drop rst");
  ASSERT_TRUE(wait_for_metric(*bridge_, reconnects, 1));
  ASSERT_TRUE(wait_until_subscribed(*bridge_));
  const auto again = events();
  for (const auto& [type, number] : first) EXPECT_EQ(count(again, true).at(type), 2 * number) << type;
  EXPECT_EQ(count(again, false).at("queue_status"), 1);
}

TEST_F(SnapshotsOfAPbx, ARouteLeavesThemOut) {
  start("{ not: { snapshot: \"true\" } }");
  simulator_.command(
      R"(push {"event_type":"queue_status","tenant_id":"710000000000000001","queue_id":"1","queue_number":"8001"})");
  const auto found = events();
  EXPECT_TRUE(count(found, true).empty());
  EXPECT_EQ(count(found, false), (std::map<std::string, int>{{"queue_status", 1}, {"call_start", 1}}));
}

}  // namespace
}  // namespace pbxbridge::test
