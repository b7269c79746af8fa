#include "sample_snapshot.hpp"
#include "status/snapshot_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::status {
namespace {

using namespace std::chrono_literals;

nlohmann::json parsed(const Snapshot& snapshot) { return nlohmann::json::parse(to_json(snapshot)); }

TEST(SnapshotJson, HoldsWhatTheSnapshotHolds) {
  const auto json = parsed(sample_snapshot());
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["at"], "2026-11-29T02:30:00.000Z");
  EXPECT_EQ(json["verdict"]["sentence"], "All is well");
  EXPECT_EQ(json["pbxs"][0]["subscriptions"][0]["selector"], "2 extensions");
  EXPECT_EQ(json["pbxs"][0]["subscriptions"][1]["selector"], nullptr);
  EXPECT_EQ(json["sinks"][1]["name"], "lake");
  EXPECT_EQ(json["sinks"][1]["acknowledgement_seconds"]["p99"], nullptr);
  EXPECT_EQ(json["routes"][0]["events"], 7);
  EXPECT_TRUE(json["gaps"].empty() && json["gaps"].is_array());
}

TEST(SnapshotJson, ListsTheLatestRejectionsOfAllSinksInTheirOrder) {
  Snapshot snapshot = sample_snapshot();
  for (int i = 0; i < 20; ++i) {
    snapshot.sinks[0].loop.rejections.push_back(
        {half_past_two + 2s * i, "a" + std::to_string(i), "t", Family::cdr, "r"});
    snapshot.sinks[1].loop.rejections.push_back(
        {half_past_two + 2s * i + 1s, "b" + std::to_string(i), "t", Family::cdr, "r"});
  }
  const auto rejections = parsed(snapshot)["rejections"];
  ASSERT_EQ(rejections.size(), 20U);
  EXPECT_EQ(rejections.front()["event_id"], "a10");
  EXPECT_EQ(rejections.back()["event_id"], "b19");
  EXPECT_EQ(rejections.back()["sink"], "lake");
}

TEST(SnapshotJson, StaysJsonWhateverAPbxHasMadeUp) {
  Snapshot snapshot = sample_snapshot();
  snapshot.sinks[0].loop.rejections.push_back({half_past_two, "id", "\xff\xfe\"}", Family::unknown, "\x1b[2J"});
  EXPECT_EQ(parsed(snapshot)["rejections"].size(), 1U);
}

TEST(SnapshotJson, SaysOfAGapOnlyWhatIsKnown) {
  Snapshot snapshot = sample_snapshot();
  snapshot.gaps.push_back({.reason = spool::GapReason::not_running, .begin = half_past_two, .end = half_past_two - 1s});
  const auto gap = parsed(snapshot)["gaps"][0];
  EXPECT_EQ(gap["reason"], "not_running");
  EXPECT_EQ(gap["seconds"], nullptr) << "the clock was set back in it";
  EXPECT_EQ(gap["events"], nullptr);
  EXPECT_EQ(gap["pbx"], nullptr);
}

}  // namespace
}  // namespace pbxbridge::status
