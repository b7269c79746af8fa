// A spool on a disk that is full, without a bridge around it: what is written first, what is kept, what is told.

#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "small_disk.hpp"
#include "spool/log/commit_thread.hpp"
#include "spool/store/ballast.hpp"
#include "store_writer.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {
namespace {

using namespace std::chrono_literals;
using test::eventually;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t disk_mebibytes = 64;
/// Less than what is left free for the last events.
constexpr std::uint64_t almost_full = 48;
/// More than RocksDB has taken for its log ahead.
constexpr std::size_t large = 4 * mebibyte;

/// Remembers what the commit thread says.
class Listener final : public CommitListener {
 public:
  void committed(std::vector<EventPtr> events, std::uint64_t, std::chrono::nanoseconds) override {
    const std::lock_guard lock(mutex_);
    committed_ += events.size();
    if (!events.empty()) last_ = events.back()->sequence();
  }
  void room() override {}
  void disk_full(const Error& error, bool) override {
    const std::lock_guard lock(mutex_);
    ++full_;
    rejected_write_ = rejected_write_ || error.text.find("No space left") != std::string::npos;
  }
  void denied(const Error& error) override { ADD_FAILURE() << error.text; }
  void write_failed(const Error& error) override { ADD_FAILURE() << error.text; }
  void files_removed(const Error&) override {}
  void reopened(ReopenedStore) override {}
  void recovered() override {
    if (on_recovered) on_recovered();
  }
  void failed_for_good(const Error&, std::uint64_t lost_events, bool) override {
    const std::lock_guard lock(mutex_);
    lost_ = lost_events;
  }
  void letters_dropped(const std::string&, std::uint64_t) override {}

  std::uint64_t committed_events() { return locked(committed_); }
  Sequence last() { return locked(last_); }
  int times_full() { return locked(full_); }
  bool rejected_write() { return locked(rejected_write_); }
  std::optional<std::uint64_t> lost() { return locked(lost_); }

  /// Called on the commit thread, right after the commit that was written at last. Set before.
  std::function<void()> on_recovered;

 private:
  template <class Value>
  Value locked(const Value& value) {
    const std::lock_guard lock(mutex_);
    return value;
  }

  std::mutex mutex_;
  std::uint64_t committed_ = 0;
  Sequence last_;
  int full_ = 0;
  bool rejected_write_ = false;
  std::optional<std::uint64_t> lost_;
};

class FullDiskSpool : public testing::Test {
 protected:
  void SetUp() override {
    disk_ = test::SmallDisk::mount(disk_mebibytes);
    if (!disk_) GTEST_SKIP() << "needs root and CAP_SYS_ADMIN, to mount a small disk";
    slot_.store = open_store(path());
    watch_.emplace(path(), std::move(SpoolLock::take(path()).value()));
    commit_thread_.emplace(CommitThread::Settings{.directory = path(), .dead_letter_bytes = 64 * mebibyte}, *watch_,
                           slot_, commits_, listener_);
  }
  std::filesystem::path path() const { return disk_->path() / "spool"; }
  void close() {
    commit_thread_.reset();
    slot_.store.reset();
    watch_.reset();
  }

  void append(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t number = first; number < first + count; ++number) {
      auto event = numbered_event(number);
      ASSERT_TRUE(commits_.append(event));
    }
    commits_.hand_off();
  }
  /// Appends what `cause` is the cause of; null: nothing is.
  void append_row(NewEventPtr cause, const std::string& key, const std::string& row) {
    Derivation derivation;
    derivation.changes.push_back({key, row});
    ASSERT_TRUE(commits_.append(cause, std::move(derivation)));
    commits_.hand_off();
  }
  std::vector<TableRow> rows() { return slot_.store->tables().value(); }
  bool commits(std::uint64_t events) {
    return eventually([&] { return listener_.committed_events() == events; });
  }
  bool flushes() {
    const auto flushed = std::make_shared<std::atomic<bool>>(false);
    commits_.flush([flushed] { *flushed = true; });
    return eventually([&] { return flushed->load(); });
  }
  DeadLetter letter(std::uint64_t number, Sequence sequence, std::size_t size = 200) {
    return {.event = accepted_event(number, sequence, SpoolId{}, size), .topic = "calls", .reason = "rejected"};
  }
  /// The disk takes nothing more, and a write has found that out.
  void fill_up_until_a_write_fails() {
    disk_->fill_up();
    commits_.bury("board", letter(900, Sequence{900}, large));
    ASSERT_TRUE(eventually([&] { return listener_.rejected_write(); }));
  }

  std::unique_ptr<test::SmallDisk> disk_;
  Listener listener_;
  std::optional<StoreWatch> watch_;
  StoreSlot slot_;
  CommitQueue commits_{16 * mebibyte};
  std::optional<CommitThread> commit_thread_;
};

TEST_F(FullDiskSpool, AnEventIsNotRemovedBeforeItsDeadLetterIsThere) {
  append(0, 10);
  ASSERT_TRUE(commits(10));
  std::optional<std::uint64_t> letters_when_removed;
  listener_.on_recovered = [&] {
    if (!letters_when_removed && slot_.store->read({}, 1)->events.empty())
      letters_when_removed = slot_.store->letters().counts()["lake"].letters;
  };
  fill_up_until_a_write_fails();
  const Sequence last = listener_.last();
  commits_.bury("lake", letter(9, last));
  commits_.acknowledge("lake", last);
  commits_.remove({{.first = Sequence{last.value - 9}, .last = last, .bytes = 2000}});
  disk_->give_back();
  ASSERT_TRUE(flushes());
  commit_thread_.reset();
  EXPECT_EQ(letters_when_removed, 1U);
}

TEST_F(FullDiskSpool, WhatAFlushWaitsForIsWrittenIntoTheLastSpaceAndNothingElse) {
  disk_->fill(almost_full);
  append(0, 10);
  ASSERT_TRUE(eventually([&] { return listener_.times_full() > 0; }));
  EXPECT_EQ(listener_.committed_events(), 0U);
  EXPECT_TRUE(flushes());
  EXPECT_EQ(listener_.committed_events(), 10U);
  append(10, 10);
  const int before = listener_.times_full();
  ASSERT_TRUE(eventually([&] { return listener_.times_full() > before + 1; }));
  EXPECT_EQ(listener_.committed_events(), 10U) << "these are not in a hurry";
  disk_->give_back();
  EXPECT_TRUE(commits(20));
}

TEST_F(FullDiskSpool, RowsWaitForSpaceWithTheirEvent) {
  disk_->fill(almost_full);
  append_row(numbered_event(0), "a", "row");
  ASSERT_TRUE(eventually([&] { return listener_.times_full() > 0; }));
  commits_.acknowledge("lake", Sequence{1});
  const int before = listener_.times_full();
  ASSERT_TRUE(eventually([&] { return listener_.times_full() > before + 1; })) << "bookkeeping is written meanwhile";
  EXPECT_TRUE(rows().empty());
  disk_->give_back();
  EXPECT_TRUE(commits(1));
  commit_thread_.reset();
  EXPECT_EQ(rows(), (std::vector<TableRow>{{"a", "row"}}));
}

TEST_F(FullDiskSpool, RowsOutliveAWriteThatFailed) {
  append_row(numbered_event(0), "a", "row");
  ASSERT_TRUE(commits(1));
  disk_->fill_up();
  const std::string large_row(large, 'x');
  append_row(nullptr, "b", large_row);
  ASSERT_TRUE(eventually([&] { return listener_.rejected_write(); }));
  append_row(numbered_event(1), "c", "row");
  disk_->give_back();
  ASSERT_TRUE(commits(2));
  commit_thread_.reset();
  EXPECT_EQ(rows(), (std::vector<TableRow>{{"a", "row"}, {"b", large_row}, {"c", "row"}}));
}

TEST_F(FullDiskSpool, EventsThatWaitForSpaceAreCountedWhereTheyAreLost) {
  disk_->fill(almost_full);
  append(0, 10);
  ASSERT_TRUE(eventually([&] { return listener_.times_full() > 0; }));
  append(10, 5);
  fill_up_until_a_write_fails();
  commit_thread_.reset();
  EXPECT_EQ(listener_.lost(), 15U);
}

TEST_F(FullDiskSpool, OpensWithTheSpaceThatIsKeptAside) {
  append(0, 10);
  ASSERT_TRUE(commits(10));
  close();
  const Ballast ballast(ballast_file(path()), 8 * mebibyte);
  ballast.take(0);
  ASSERT_TRUE(std::filesystem::exists(ballast_file(path())));
  disk_->fill_up();
  const auto store = BatchStore::open(path(), BatchStore::Access::write);
  ASSERT_TRUE(store) << store.error().text;
  EXPECT_EQ(numbers_of(read_all(**store).events), numbers(0, 10));
  EXPECT_TRUE((*store)->damages().empty());
  EXPECT_FALSE(std::filesystem::exists(ballast_file(path())));
}

TEST_F(FullDiskSpool, IsMendedWithTheSpaceThatIsKeptAside) {
  append(0, 10);
  ASSERT_TRUE(commits(10));
  close();
  std::filesystem::resize_file(path() / "store/CURRENT", 0);
  const Ballast ballast(ballast_file(path()), 8 * mebibyte);
  ballast.take(0);
  disk_->fill_up();
  const auto store = BatchStore::open(path(), BatchStore::Access::write);
  ASSERT_TRUE(store) << store.error().text;
  EXPECT_EQ(numbers_of(read_all(**store).events), numbers(0, 10));
  EXPECT_TRUE(std::filesystem::exists(path() / "quarantine"));
}

TEST_F(FullDiskSpool, WithoutAnyItDoesNotOpenAndLosesNothing) {
  append(0, 10);
  ASSERT_TRUE(commits(10));
  close();
  disk_->fill_up();
  const auto store = BatchStore::open(path(), BatchStore::Access::write);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().cause, StorageCause::full) << store.error().text;
  disk_->give_back();
  EXPECT_EQ(numbers_of(read_all(*open_store(path())).events), numbers(0, 10));
}

TEST_F(FullDiskSpool, WithoutSpaceForItASalvageWaits) {
  append(0, 10);
  ASSERT_TRUE(commits(10));
  close();
  std::filesystem::remove(path() / "store/CURRENT");
  disk_->fill_up();
  const auto store = BatchStore::open(path(), BatchStore::Access::write);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().cause, StorageCause::full) << store.error().text;
  EXPECT_FALSE(std::filesystem::exists(path() / "quarantine"));
  disk_->give_back();
  EXPECT_EQ(numbers_of(read_all(*open_store(path())).events), numbers(0, 10));
}

}  // namespace
}  // namespace pbxbridge::spool
