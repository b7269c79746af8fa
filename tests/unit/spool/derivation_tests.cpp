#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/memory_spool.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/store_keys.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;
using Rows = std::map<std::string, std::string>;

NewEventPtr state_event(const std::string& name, bool is_removal = false) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "state_queue";
  attributes.entity = name;
  attributes.entity_kind = EntityKind::agent;
  attributes.family = Family::state;
  attributes.is_removal = is_removal;
  return Event::make(fmt::format(R"({{"name":"{}","event_id":"{}"}})", name, cause_placeholder), attributes);
}

Derivation derivation_of(const std::vector<std::string>& names) {
  Derivation derivation;
  for (const auto& name : names) {
    derivation.events.push_back({state_event(name)});
    derivation.changes.push_back({name, "row of " + name});
  }
  return derivation;
}

Rows rows_of(const std::vector<TableRow>& table) {
  Rows rows;
  for (const auto& [key, row] : table) rows.emplace(key, row);
  return rows;
}

std::string document_of(const std::string& name, const Event& cause) {
  return fmt::format(R"({{"name":"{}","event_id":"{}"}})", name, cause.id());
}

class DerivationTest : public testing::Test {
 protected:
  DerivationTest() { config_.path = directory_ / "spool"; }

  void open() {
    close();
    spool_.emplace(config_);
    lake_ = (*spool_)->open_cursor("lake", Start::earliest);
    (*spool_)->start();
  }
  void close() { spool_.reset(); }
  OpenSpool& spool() { return *spool_; }
  Rows stored_rows() const {
    return rows_of(open_store(config_.path, BatchStore::Access::read_only)->tables().value());
  }
  void append(std::uint64_t number, Derivation derivation) {
    auto cause = numbered_event(number);
    ASSERT_FALSE(spool()->append(cause, std::move(derivation)));
  }

  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
  CursorId lake_ = 0;
};

TEST_F(DerivationTest, FollowsItsCauseAndNamesIt) {
  open();
  append(0, derivation_of({"a", "b"}));
  append(1, {});
  spool().flush();
  const auto events = spool().read_events(lake_, 4);
  EXPECT_EQ(number_of(*events[0]), 0);
  EXPECT_EQ(events[1]->payload(), document_of("a", *events[0]));
  EXPECT_EQ(events[2]->payload(), document_of("b", *events[0]));
  EXPECT_EQ(events[2]->sequence(), events[0]->sequence().next().next());
  EXPECT_NE(events[1]->id(), events[0]->id()) << "its own";
  EXPECT_EQ(number_of(*events[3]), 1);
}

TEST_F(DerivationTest, IsReadBackWithTheRowsAsTheNextProcessFindsThem) {
  open();
  Derivation derivation = derivation_of({"a", "b"});
  derivation.events.push_back({state_event("gone", true)});
  append(0, std::move(derivation));
  Derivation later;
  later.changes = {{"a", "newer"}, {"b", std::nullopt}, {"c", ""}};
  append(1, std::move(later));
  spool().flush();
  EXPECT_EQ(stored_rows(), (Rows{{"a", "newer"}, {"c", ""}}));
  open();
  EXPECT_EQ(rows_of(spool()->take_tables()), (Rows{{"a", "newer"}, {"c", ""}}));
  EXPECT_TRUE(spool()->take_tables().empty()) << "they are taken";
  const auto events = spool().read_events(lake_, 5);
  EXPECT_EQ(events[1]->payload(), document_of("a", *events[0]));
  EXPECT_EQ(events[1]->family(), Family::state);
  EXPECT_EQ(events[1]->entity_kind(), EntityKind::agent);
  EXPECT_FALSE(events[2]->is_removal());
  EXPECT_TRUE(events[3]->is_removal());
}

TEST_F(DerivationTest, MayHaveNoCause) {
  open();
  NewEventPtr none;
  ASSERT_FALSE(spool()->append(none, derivation_of({"a"})));
  Derivation rows_alone;
  rows_alone.changes = {{"b", "row"}};
  ASSERT_FALSE(spool()->append(none, std::move(rows_alone)));
  spool().flush();
  const auto events = spool().read_events(lake_, 1);
  EXPECT_EQ(events[0]->payload(), fmt::format(R"({{"name":"a","event_id":"{}"}})", cause_placeholder));
  EXPECT_EQ(stored_rows(), (Rows{{"a", "row of a"}, {"b", "row"}}));
}

TEST_F(DerivationTest, IsLeftWithTheCallerWhereThereIsNoRoom) {
  config_.max_size = config::ByteSize{4 * 1024 * 1024};
  config_.full = config::WhenFull::reject_newest;
  open();
  NewEventPtr cause;
  Derivation derivation;
  std::optional<DropReason> rejected;
  for (std::uint64_t number = 0; !rejected; ++number) {
    cause = numbered_event(number, 100'000);
    derivation = derivation_of({"a"});
    rejected = spool()->append(cause, std::move(derivation));
    spool().flush();
  }
  EXPECT_EQ(rejected, DropReason::spool_full);
  EXPECT_TRUE(cause);
  EXPECT_EQ(derivation.events.size(), 1U);  // NOLINT(bugprone-use-after-move): it was not taken
  EXPECT_EQ(derivation.changes.size(), 1U);
  NewEventPtr none;
  EXPECT_EQ(spool()->append(none, derivation_of({"b"})), DropReason::spool_full);
}

/// A kill can come between any two commits.
TEST_F(DerivationTest, IsNeverPartedFromItsCause) {
  CommitQueue queue(64 * 1024 * 1024);
  constexpr std::uint64_t count = 300;
  for (std::uint64_t number = 0; number < count; ++number) {
    auto cause = numbered_event(number, 10'000 + 997 * (number % 7));
    Derivation derivation = derivation_of(std::vector<std::string>(number % 4, std::to_string(number)));
    if (number % 4 == 0) derivation.changes = {{std::to_string(number), "row"}};
    ASSERT_TRUE(queue.append(cause, std::move(derivation)));
  }
  queue.hand_off();
  std::uint64_t causes = 0;
  int commits = 0;
  for (; causes < count; ++commits) {
    const auto now = CommitQueue::Clock::now();
    const auto work = queue.take(now, now);
    ASSERT_TRUE(work);
    for (const auto& [begin, end, of_derived, changes, bytes] : work->derivations) {
      ASSERT_LE(end, work->events.size());
      const auto cause = static_cast<std::uint64_t>(number_of(*work->events[begin]));
      EXPECT_EQ(cause, causes++);
      EXPECT_EQ(end - begin - 1, cause % 4);
      EXPECT_EQ(of_derived, std::vector<const Event*>(cause % 4, work->events[begin].get()));
      for (auto place = begin + 1; place < end; ++place)
        EXPECT_EQ(work->events[place]->entity(), std::to_string(cause));
      ASSERT_FALSE(changes.empty());
      EXPECT_EQ(changes.front().key, std::to_string(cause));
    }
  }
  EXPECT_GT(commits, 3);
}

TEST_F(DerivationTest, FollowsTheFirstEventAfterRejectedOnesToo) {
  open();
  const Event* cause = nullptr;
  spool()->set_derive([&] {
    Derivation derivation;
    derivation.events.push_back({state_event("a"), cause});
    return derivation;
  });
  for (const std::uint64_t number : {0, 1}) {
    auto event = numbered_event(number);
    const Event* const appended = event.get();
    ASSERT_FALSE(spool()->append(event));
    cause = appended;
    spool()->expect_derived();
    spool()->reject(*numbered_event(9));
  }
  spool().flush();
  const auto events = spool().read_events(lake_, 4);
  EXPECT_EQ(events[3]->payload(), document_of("a", *events[2])) << "in the commit of its cause";
}

TEST_F(DerivationTest, IsAskedForOnceForManyEvents) {
  open();
  std::vector<const Event*> causes;
  int asked = 0;
  spool()->set_derive([&] {
    ++asked;
    Derivation derivation;
    derivation.events.push_back({state_event("first"), causes.front()});
    derivation.events.push_back({state_event("last"), causes.back()});
    derivation.changes = {{"row", std::to_string(causes.size())}};
    return derivation;
  });
  for (std::uint64_t number = 0; number < 300; ++number) {
    auto event = numbered_event(number);
    causes.push_back(event.get());
    ASSERT_FALSE(spool()->append(event));
    spool()->expect_derived();
  }
  EXPECT_EQ(spool()->stats().queued_events, 300U);
  spool().flush();
  EXPECT_EQ(asked, 1);
  const auto events = spool().read_events(lake_, 302);
  EXPECT_EQ(events[300]->payload(), document_of("first", *events[0]));
  EXPECT_EQ(events[301]->payload(), document_of("last", *events[299]));
  EXPECT_EQ(events[301]->sequence().value, events[0]->sequence().value + 301);
  EXPECT_EQ(stored_rows(), (Rows{{"row", "300"}}));
  append(300, {});
  spool().flush();
  EXPECT_EQ(asked, 1) << "nothing is expected";
}

TEST_F(DerivationTest, IsAskedForBeforeNobodyIsThereToAsk) {
  open();
  spool()->set_derive([] { return derivation_of({"a"}); });
  append(0, {});
  spool()->expect_derived();
  spool()->set_derive({});
  spool().flush();
  EXPECT_EQ(stored_rows(), (Rows{{"a", "row of a"}}));
}

/// Whatever hands events off early: many of them, large ones, a derivation with a cause of its own.
TEST_F(DerivationTest, OfManyEventsIsNeverPartedFromAnyOfThem) {
  CommitQueue queue(64 * 1024 * 1024);
  constexpr std::uint64_t count = 3000;
  std::vector<const Event*> causes;
  queue.set_derive([&] {
    Derivation derivation;
    for (const auto* cause : std::exchange(causes, {})) {
      if (number_of(*cause) % 100 == 0) derivation.events.push_back({state_event("document"), cause});
      derivation.changes.push_back({std::to_string(number_of(*cause)), "row"});
    }
    return derivation;
  });
  for (std::uint64_t number = 0; number < count; ++number) {
    auto event = numbered_event(number, 100 + 997 * (number % 7));
    const auto* const cause = event.get();
    if (number % 1000 == 999) {
      ASSERT_TRUE(queue.append(event, derivation_of({"own"})));
      continue;
    }
    ASSERT_TRUE(queue.append(event));
    causes.push_back(cause);
    queue.expect_derived();
  }
  queue.hand_off();
  std::uint64_t next = 0;
  int commits = 0;
  for (; next < count; ++commits) {
    const auto now = CommitQueue::Clock::now();
    const auto work = queue.take(now, now);
    ASSERT_TRUE(work);
    std::set<std::string> rows;
    for (const auto& [begin, end, of_derived, changes, bytes] : work->derivations) {
      ASSERT_LE(end, work->events.size());
      for (const auto& change : changes) rows.insert(change.key);
      for (const auto* cause : of_derived)
        EXPECT_TRUE(std::ranges::any_of(work->events, [&](const auto& event) { return event.get() == cause; }));
    }
    for (const auto& event : work->events) {
      if (event->family() == Family::state) continue;
      EXPECT_EQ(number_of(*event), static_cast<std::int64_t>(next));
      EXPECT_TRUE(rows.contains(next % 1000 == 999 ? "own" : std::to_string(next))) << next;
      ++next;
    }
  }
  EXPECT_GT(commits, 3);
}

TEST_F(DerivationTest, ChangesAloneKeepTheirPlaceAndAreFlushed) {
  CommitQueue queue(64 * 1024 * 1024);
  auto cause = numbered_event(0, 2 * 1024 * 1024);
  Derivation first;
  first.changes = {{"a", "older"}};
  Derivation second;
  second.changes = {{"a", "newer"}};
  NewEventPtr none;
  ASSERT_TRUE(queue.append(cause, std::move(first)));
  ASSERT_TRUE(queue.append(none, std::move(second)));
  queue.flush([] {});
  auto more = numbered_event(1);
  ASSERT_TRUE(queue.append(more));
  queue.hand_off();
  const auto work = queue.take(CommitQueue::Clock::now(), CommitQueue::Clock::now());
  ASSERT_EQ(work->derivations.size(), 2U);
  EXPECT_EQ(work->derivations[1].changes.front().row, "newer");
  EXPECT_EQ(work->events.size(), 1U);
  EXPECT_EQ(work->flushes.size(), 1U);
}

TEST_F(DerivationTest, RowsOutliveTheFilesThatHeldThem) {
  open();
  append(0, derivation_of({"a", "b"}));
  spool().flush();
  fs::remove_all(config_.path / "store");
  append(1, derivation_of({"c"}));
  spool().flush();
  EXPECT_TRUE(spool().log_has("spool.files_removed"));
  EXPECT_EQ(stored_rows(), (Rows{{"a", "row of a"}, {"b", "row of b"}, {"c", "row of c"}}));
}

/// An older program opens the store with a start epoch, leaves the rows as they are, and takes events.
TEST_F(DerivationTest, RowsThatAnOlderProgramHasLeftBehindAreDropped) {
  open();
  append(0, derivation_of({"a"}));
  spool().flush();
  close();
  {
    const auto database = open_database(config_.path).value();
    std::string epoch;
    ASSERT_TRUE(database.rocksdb->Get({}, database.meta(), store_key::start_epoch, &epoch).ok());
    ASSERT_TRUE(database.rocksdb
                    ->Put({}, database.meta(), store_key::start_epoch, store_key::number(decode_key(epoch)->value + 1))
                    .ok());
  }
  open();
  EXPECT_TRUE(spool()->take_tables().empty());
  append(1, derivation_of({"b"}));
  spool().flush();
  open();
  EXPECT_EQ(rows_of(spool()->take_tables()), (Rows{{"b", "row of b"}}));
}

TEST_F(DerivationTest, RowsThatCanBeReadAreSalvaged) {
  open();
  append(0, derivation_of({"a", "b"}));
  spool().flush();
  Derivation later;
  later.changes = {{"a", std::nullopt}};
  append(1, std::move(later));
  spool().flush();
  close();
  for (const fs::path& file : fs::directory_iterator(config_.path / "store"))
    if (file.filename().string().starts_with("MANIFEST")) fs::resize_file(file, 10);
  open();
  EXPECT_TRUE(spool().log_has("spool.salvaged"));
  EXPECT_EQ(rows_of(spool()->take_tables()), (Rows{{"b", "row of b"}}));
}

TEST(DerivationInMemory, IsAskedForAtOnce) {
  MemorySpool spool(1024 * 1024);
  const CursorId lake = spool.open_cursor("lake", Start::earliest);
  auto cause = numbered_event(0);
  const auto* const event = cause.get();
  spool.set_derive([&] {
    Derivation derivation;
    derivation.events.push_back({state_event("a"), event});
    return derivation;
  });
  ASSERT_FALSE(spool.append(cause));
  spool.expect_derived();
  std::vector<EventPtr> events;
  spool.read(lake, 10, events);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1]->payload(), document_of("a", *events[0]));
}

TEST(DerivationInMemory, FollowsItsCauseAndNamesIt) {
  MemorySpool spool(1024 * 1024);
  const CursorId lake = spool.open_cursor("lake", Start::earliest);
  auto cause = numbered_event(0);
  ASSERT_FALSE(spool.append(cause, derivation_of({"a"})));
  NewEventPtr none;
  ASSERT_FALSE(spool.append(none, derivation_of({"b"})));
  std::vector<EventPtr> events;
  spool.read(lake, 10, events);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(number_of(*events[0]), 0);
  EXPECT_EQ(events[1]->payload(), document_of("a", *events[0]));
  EXPECT_EQ(events[2]->payload(), fmt::format(R"({{"name":"b","event_id":"{}"}})", cause_placeholder));
}

}  // namespace
}  // namespace pbxbridge::spool
