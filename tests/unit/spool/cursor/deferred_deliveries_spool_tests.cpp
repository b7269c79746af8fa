// Events that a sink has passed and deferred, over the ends of processes.

#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace pbxbridge::spool {
namespace {

class DeferredDeliveriesSpoolTest : public testing::Test {
 protected:
  DeferredDeliveriesSpoolTest() {
    config_.path = directory_ / "spool";
    config_.max_age = std::chrono::hours(24 * 3650);  // numbered events are of a fixed time
    config_.sync = config::SyncMode::none;
  }
  OpenSpool& open() {
    if (spool_) spool_->flush();
    spool_.reset();
    spool_.emplace(config_);
    (*spool_)->open_cursor("lake", Start::earliest);
    (*spool_)->start();
    return *spool_;
  }
  /// A hundred events, of which it is done with all up to the 80th but the 11th and the 41st.
  void pass_some() {
    auto& spool = open();
    spool.append_and_commit(0, 100);
    events_ = spool.read_events(lake, 100);
    spool->acknowledge(lake, sequence(9));
    spool->remember_deferred(lake, held(79, {10, 40}));
  }
  Sequence sequence(std::size_t number) const { return events_[number]->sequence(); }
  DeferredDeliveries held(std::size_t passed, const std::vector<std::size_t>& numbers) const {
    DeferredDeliveries deferred{sequence(passed), {}};
    for (const std::size_t number : numbers) deferred.deliveries.push_back({sequence(number), 1});
    return deferred;
  }
  std::vector<std::int64_t> rest(std::vector<std::int64_t> held) const {
    for (const std::int64_t number : numbers(80, 20)) held.push_back(number);
    return held;
  }

  static constexpr CursorId lake = 0;
  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
  std::vector<EventPtr> events_;
};

TEST_F(DeferredDeliveriesSpoolTest, WhatWasPassedIsNotReadAgain) {
  pass_some();
  EXPECT_EQ(open().read_all(lake), rest({10, 40}));

  // Done with the first; the second life says nothing about what lies between.
  (*spool_)->acknowledge(lake, sequence(10));
  EXPECT_EQ(open().read_all(lake), rest({40}));

  (*spool_)->acknowledge(lake, sequence(40));
  EXPECT_EQ(open().read_all(lake), rest({}));
  spool_->flush();
  EXPECT_TRUE(open_store(config_.path, BatchStore::Access::read_only)->deferred().empty());
}

TEST_F(DeferredDeliveriesSpoolTest, UntilASinkIsAsFarAgainWhatItSaidBeforeCountsForTheRest) {
  pass_some();
  auto* spool = &open();
  EXPECT_EQ(spool->read_events(lake, 2).size(), 2U);
  (*spool)->remember_deferred(lake, held(40, {10}));
  spool = &open();
  EXPECT_EQ(spool->read_all(lake), rest({10})) << "of the two that it had read one was delivered";
  (*spool)->remember_deferred(lake, held(98, {10}));
  EXPECT_EQ(open().read_all(lake), (std::vector<std::int64_t>{10, 99}));
}

TEST_F(DeferredDeliveriesSpoolTest, WhatWasPassedDoesNotWait) {
  pass_some();
  auto& spool = open();
  EXPECT_EQ(spool->unread(lake), 22U) << "two that are deferred, and twenty after them";
  EXPECT_EQ(spool->deferred(lake), held(79, {10, 40}));
  EXPECT_EQ(spool.read_events(lake, 1).size(), 1U);
  EXPECT_EQ(spool->unread(lake), 21U);
  EXPECT_EQ(spool.read_events(lake, 2).size(), 2U);
  EXPECT_EQ(spool->unread(lake), 19U);
}

TEST_F(DeferredDeliveriesSpoolTest, WhatComesLaterIsReadBehindIt) {
  pass_some();
  auto& spool = open();
  spool.append_and_commit(100, 5);
  auto expected = rest({10, 40});
  for (const std::int64_t number : numbers(100, 5)) expected.push_back(number);
  EXPECT_EQ(spool.read_all(lake), expected);
}

TEST_F(DeferredDeliveriesSpoolTest, OfWhatABoundRemovesOnlyWhatIsNotDoneIsLost) {
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  config_.max_size = config::ByteSize{4 * mebibyte};
  auto& spool = open();
  spool.append_and_commit(0, 3000, 1000);
  events_ = spool.read_events(lake, 3000);
  spool->acknowledge(lake, sequence(9));
  spool->remember_deferred(lake, held(2999, {10, 40}));
  spool.append_and_commit(3000, 7000, 1000);
  ASSERT_TRUE(spool.run_until([&] { return spool->stats().bytes <= config_.max_bytes(); }));
  EXPECT_EQ(spool->lost_at_the_end(lake), 2U);
  const auto told = spool.dropped(lake, DropReason::spool_full);
  ASSERT_GT(told, 0U);
  auto& next = open();
  EXPECT_EQ(next.dropped(lake, DropReason::spool_full), 2U);
  EXPECT_EQ(next.read_all(lake),
            numbers(3000 + static_cast<std::int64_t>(told), 7000 - static_cast<std::int64_t>(told)));
}

TEST_F(DeferredDeliveriesSpoolTest, NorIsWhatWasDoneBeforeThisProcessLostToASinkThatHasNotReadIt) {
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  config_.max_size = config::ByteSize{4 * mebibyte};
  pass_some();
  auto& spool = open();
  spool.append_and_commit(100, 9000, 1000);
  ASSERT_TRUE(spool.run_until([&] { return spool->stats().bytes <= config_.max_bytes(); }));
  const auto left = spool.read_all(lake);
  EXPECT_EQ(spool.dropped(lake, DropReason::spool_full) + left.size(), rest({10, 40}).size() + 9000);
}

}  // namespace
}  // namespace pbxbridge::spool
