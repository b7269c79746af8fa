// The spool that stands in tests/data, written by an earlier build (see the README there), is read whole by this one.

#include "damaged_copy.hpp"
#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/store/batch_store.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t removed_events = 20;
constexpr std::uint64_t packed_events = 100;
constexpr std::uint64_t newest_events = 30;

const fs::path committed_spool = fs::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/data/spool-format-2";

Sequence sequence(std::uint32_t start, std::uint64_t number) { return {Sequence::first_of(start).value + number}; }

SystemTime time_at(std::int64_t second) { return SystemTime(std::chrono::seconds(1'764'000'000 + second)); }

std::vector<std::pair<std::uint64_t, Gap>> sample_gaps() {
  std::vector<std::pair<std::uint64_t, Gap>> gaps;
  for (const auto reason : {GapReason::disconnected, GapReason::not_running, GapReason::overload, GapReason::spool_full,
                            GapReason::expired, GapReason::corrupted})
    gaps.emplace_back(gaps.size(), Gap{.reason = reason,
                                       .pbx = "hq",
                                       .begin = time_at(1),
                                       .end = time_at(3),
                                       .after = sequence(1, 3),
                                       .before = sequence(1, 9),
                                       .events = 5,
                                       .measured = std::chrono::seconds(2)});
  gaps.back().second.measured.reset();
  return gaps;
}

SubscribedUntilByPbx sample_streams() {
  return {{"hq", {{.wall = time_at(4), .since_boot = std::chrono::seconds(77), .boot = 99}, true}},
          {"branch", {{.wall = time_at(5), .since_boot = std::chrono::seconds(78), .boot = 99}, false}}};
}

DeferredBySink sample_deferred() {
  return {{"lake", {sequence(3, 9), {{sequence(3, 6), 0x1122334455667788}, {sequence(3, 8), 7}}}}};
}

UnacknowledgedBySink sample_unacknowledged() {
  return {{"wallboard",
           {{{.first = sequence(1, 2), .last = sequence(1, 4), .oldest = time_at(1), .newest = time_at(2)},
             DropReason::expired}}}};
}

DeadLetter sample_letter(EventPtr event, const std::string& key) {
  return {.event = std::move(event),
          .topic = "calls/42",
          .key = key,
          .reason = "the broker does not take it: too large",
          .rejected_at = time_at(6),
          .attempts = 3,
          .stored_as = {}};
}

/// Everything that a store can hold, in tables and in a log.
void write_sample(const fs::path& directory) {
  {
    StoreWriter writer(directory);
    writer.append(0, removed_events, removed_events, 40);
  }
  {
    StoreWriter writer(directory);
    writer.append(removed_events, packed_events, packed_events, 101);
  }
  StoreWriter writer(directory);
  Commit commit = writer.commit_of(removed_events + packed_events, newest_events, 60);
  commit.letters = {{"lake", sample_letter(commit.events[6], "")},
                    {"lake", sample_letter(commit.events[7], "a key")},
                    {"wallboard", sample_letter(commit.events[7], "a key")}};
  commit.cursors = {{"lake", sequence(3, 5)}, {"wallboard", sequence(2, 50)}};
  commit.gaps = sample_gaps();
  commit.streams = sample_streams();
  commit.deferred = sample_deferred();
  commit.unacknowledged = sample_unacknowledged();
  writer.write(std::move(commit));
  ASSERT_TRUE(writer.store().letters().mark_for_redrive(
      "lake",
      dead_letter_key(sample_letter(
          accepted_event(removed_events + packed_events + 7, sequence(3, 7), writer.store().id(), 60), "a key"))));
  writer.remove_up_to(sequence(1, removed_events - 1));
}

void check_letters(const DeadLetterStore& letters) {
  const auto check = [](const std::vector<DeadLetter>& found,
                        const std::vector<std::pair<int, std::string>>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(number_of(*found[i].event), removed_events + packed_events + expected[i].first);
      EXPECT_EQ(found[i].event->sequence(), sequence(3, expected[i].first));
      EXPECT_EQ(found[i].topic, "calls/42");
      EXPECT_EQ(found[i].key, expected[i].second);
      EXPECT_EQ(found[i].reason, "the broker does not take it: too large");
      EXPECT_EQ(found[i].rejected_at, time_at(6));
      EXPECT_EQ(found[i].attempts, 3U);
    }
  };
  check(letters.list("lake", "", 10), {{6, ""}, {7, "a key"}});
  check(letters.list("wallboard", "", 10), {{7, "a key"}});
  check(letters.marked_for_redrive("lake", "", 10, 1'000'000), {{7, "a key"}});
  check(letters.marked_for_redrive("wallboard", "", 10, 1'000'000), {});
}

void check_notes(const BatchStore& store) {
  EXPECT_EQ(store.cursors(), (CursorPositions{{"lake", sequence(3, 5)}, {"wallboard", sequence(2, 50)}}));
  EXPECT_EQ(store.streams(), sample_streams());
  EXPECT_EQ(store.deferred(), sample_deferred());
  ASSERT_EQ(store.unacknowledged().size(), 1U);
  EXPECT_EQ(encode_unacknowledged(store.unacknowledged().at("wallboard")),
            encode_unacknowledged(sample_unacknowledged().at("wallboard")));
  std::vector<std::string> gaps;
  for (const auto& [number, gap] : store.gaps()) gaps.push_back(std::to_string(number) + to_json(gap));
  std::vector<std::string> expected;
  for (const auto& [number, gap] : sample_gaps()) expected.push_back(std::to_string(number) + to_json(gap));
  EXPECT_EQ(gaps, expected);
}

void check_sample(const fs::path& directory) {
  const auto store = open_store(directory);
  const auto all = read_all(*store);
  EXPECT_EQ(numbers_of(all.events), numbers(removed_events, packed_events + newest_events));
  EXPECT_TRUE(all.damages.empty());
  EXPECT_TRUE(store->damages().empty());
  EXPECT_EQ(store->salvaged(), "");
  EXPECT_EQ(store->segments().events(), packed_events + newest_events);
  EXPECT_EQ(store->start_epoch(), 4U);
  check_letters(store->letters());
  check_notes(*store);
}

class StoredFormat : public testing::Test {
 protected:
  const test::TemporaryDirectory directory_;
  const fs::path spool_ = directory_ / "spool";
};

TEST_F(StoredFormat, OfAnEarlierBuildIsReadWhole) {
  make_copy(committed_spool, spool_);
  check_sample(spool_);
  EXPECT_EQ(open_store(spool_)->id().text(), "d0875141cd2e575b");
}

TEST_F(StoredFormat, OfAnEarlierBuildIsGoneOnWith) {
  make_copy(committed_spool, spool_);
  config::SpoolConfig config;
  config.path = spool_;
  OpenSpool spool(config);
  const auto lake = spool->open_cursor("lake", Start::latest);
  const auto wallboard = spool->open_cursor("wallboard", Start::latest);
  spool->start();
  std::vector<std::int64_t> of_lake{126, 128};  // those that it deferred, and those that it has not passed
  for (std::int64_t number = 130; number < 150; ++number) of_lake.push_back(number);
  EXPECT_EQ(spool.read_all(lake), of_lake);
  EXPECT_EQ(spool.read_all(wallboard), numbers(71, 79));
}

/// Keeps the spool in the directory that PBXBRIDGE_KEEP_SPOOL names, to be committed.
TEST_F(StoredFormat, OfTodayIsReadWhole) {
  write_sample(spool_);
  if (const char* kept = std::getenv("PBXBRIDGE_KEEP_SPOOL")) make_copy(spool_, kept);
  check_sample(spool_);
}

}  // namespace
}  // namespace pbxbridge::spool
