#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "spool/log/byte_codec.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/store_keys.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {
namespace {

class DeadLetterStoreTest : public testing::Test {
 protected:
  DeadLetter letter(std::uint64_t number, const std::string& topic = "calls", std::size_t size = 200) {
    return {.event = accepted_event(number, Sequence{number + 1}, writer_->store().id(), size),
            .topic = topic,
            .reason = "rejected"};
  }
  void bury(const std::string& sink, DeadLetter letter) {
    Commit commit;
    commit.letters.emplace_back(sink, std::move(letter));
    writer_->write(std::move(commit));
  }
  std::vector<std::int64_t> letters(const std::string& sink, const std::string& after = "", std::size_t limit = 1000) {
    return numbers_of(writer_->store().letters().list(sink, after, limit));
  }
  std::vector<std::int64_t> marked(const std::string& sink, const std::string& after = "", std::size_t limit = 1000) {
    return numbers_of(writer_->store().letters().marked_for_redrive(sink, after, limit, ~std::size_t{0}));
  }
  void reopen() {
    writer_.reset();
    writer_.emplace(directory_.path());
  }
  DeadLetterCount count(const std::string& sink) { return writer_->store().letters().counts()[sink]; }

  static std::vector<std::int64_t> numbers_of(const std::vector<DeadLetter>& letters) {
    std::vector<std::int64_t> found;
    for (const auto& letter : letters) found.push_back(number_of(*letter.event));
    return found;
  }

  const test::TemporaryDirectory directory_;
  std::optional<StoreWriter> writer_{std::in_place, directory_.path()};
};

TEST_F(DeadLetterStoreTest, LettersAreListedOldestFirstForTheirOwnSinkAfterReopeningToo) {
  bury("lake", letter(5));
  bury("lake", letter(300));
  bury("lake", letter(1));
  bury("lak", letter(9));
  bury("lake2", letter(10));
  for (int opening = 0; opening < 2; ++opening) {
    EXPECT_EQ(letters("lake"), (std::vector<std::int64_t>{1, 5, 300}));
    EXPECT_EQ(letters("lak"), (std::vector<std::int64_t>{9}));
    EXPECT_TRUE(letters("board").empty());
    EXPECT_EQ(count("lake").letters, 3U);
    EXPECT_GT(count("lake").bytes, 600U);
    reopen();
  }
}

TEST_F(DeadLetterStoreTest, AListGoesOnBehindALetterAndEndsAtItsLimit) {
  for (std::uint64_t number = 0; number < 10; ++number) bury("lake", letter(number));
  EXPECT_EQ(letters("lake", "", 4), numbers(0, 4));
  EXPECT_EQ(letters("lake", dead_letter_key(letter(3)), 4), numbers(4, 4));
  EXPECT_EQ(letters("lake", dead_letter_key(letter(9)), 4), numbers(0, 0));
}

TEST_F(DeadLetterStoreTest, OneLetterIsFoundByItsKey) {
  bury("lake", letter(5));
  const std::string key = dead_letter_key(letter(5));
  ASSERT_TRUE(writer_->store().letters().find("lake", key));
  EXPECT_EQ(writer_->store().letters().find("lake", key)->topic, "calls");
  EXPECT_FALSE(writer_->store().letters().find("board", key));
  EXPECT_FALSE(writer_->store().letters().find("lake", "no key"));
}

TEST_F(DeadLetterStoreTest, RejectedAgainALetterReplacesItselfAndIsCountedOnce) {
  bury("lake", letter(5));
  const auto once = count("lake");
  bury("lake", letter(5));
  EXPECT_EQ(count("lake").letters, 1U);
  EXPECT_EQ(count("lake").bytes, once.bytes);
  bury("lake", letter(5, "queues"));
  EXPECT_EQ(count("lake").letters, 2U);
}

TEST_F(DeadLetterStoreTest, OneEventRejectedUnderTwoKeysIsTwoLetters) {
  for (const char* key : {"", "agent", "queue"}) {
    DeadLetter rejected = letter(5);
    rejected.key = key;
    bury("lake", std::move(rejected));
  }
  EXPECT_EQ(letters("lake"), (std::vector<std::int64_t>{5, 5, 5}));
  EXPECT_EQ(count("lake").letters, 3U);
}

/// Earlier names have the topic alone, whatever the key.
TEST_F(DeadLetterStoreTest, LettersThatAnEarlierVersionNamedAreListedRedrivenAndTaken) {
  std::vector<DeadLetter> stored;
  for (std::uint64_t number = 0; number < 10; ++number) {
    stored.push_back(letter(number));
    stored.back().key = "agent";
  }
  writer_.reset();
  {
    const auto database = open_database(directory_.path());
    ASSERT_TRUE(database);
    for (const DeadLetter& letter : stored) {
      std::string key = store_key::of_sink("", "lake") + encode_key(letter.event->sequence());
      put(key, crc32c(letter.topic));
      ASSERT_TRUE(database->rocksdb->Put({}, database->letters(), key, encode_dead_letter(letter)).ok());
    }
  }
  writer_.emplace(directory_.path());
  const auto& store = writer_->store().letters();
  std::string after;
  for (std::int64_t number = 0; number < 10; ++number) {
    const auto listed = store.list("lake", after, 1);
    ASSERT_EQ(numbers_of(listed), (std::vector<std::int64_t>{number}));
    after = dead_letter_key(listed.front());
    EXPECT_TRUE(store.find("lake", after));
  }
  EXPECT_TRUE(store.list("lake", after, 1).empty());
  ASSERT_EQ(*writer_->store().letters().mark_for_redrive("lake", ""), 10U);
  EXPECT_EQ(marked("lake"), numbers(0, 10));
  Commit taken;
  for (auto& letter : store.marked_for_redrive("lake", "", 10, ~std::size_t{0}))
    taken.letters_taken.emplace_back("lake", std::move(letter));
  writer_->write(std::move(taken));
  EXPECT_TRUE(letters("lake").empty());
  EXPECT_TRUE(marked("lake").empty());
  EXPECT_EQ(count("lake").letters, 0U);
}

TEST_F(DeadLetterStoreTest, ATakenLetterIsGoneWithItsMark) {
  bury("lake", letter(5));
  ASSERT_EQ(*writer_->store().letters().mark_for_redrive("lake", ""), 1U);
  Commit commit;
  commit.letters_taken.emplace_back("lake", letter(5));
  writer_->write(std::move(commit));
  for (int opening = 0; opening < 2; ++opening) {
    EXPECT_TRUE(letters("lake").empty());
    EXPECT_TRUE(marked("lake").empty());
    EXPECT_EQ(count("lake").letters, 0U);
    EXPECT_EQ(count("lake").bytes, 0U);
    reopen();
  }
}

TEST_F(DeadLetterStoreTest, LettersAreMarkedOneOrAllAndTheMarkOutlivesAReopening) {
  for (std::uint64_t number = 0; number < 5; ++number) bury("lake", letter(number));
  bury("board", letter(7));
  EXPECT_EQ(*writer_->store().letters().mark_for_redrive("lake", dead_letter_key(letter(3))), 1U);
  EXPECT_EQ(*writer_->store().letters().mark_for_redrive("lake", dead_letter_key(letter(77))), 0U);
  EXPECT_EQ(marked("lake"), (std::vector<std::int64_t>{3}));
  reopen();
  EXPECT_EQ(marked("lake"), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(*writer_->store().letters().mark_for_redrive("lake", ""), 5U);
  EXPECT_EQ(marked("lake"), numbers(0, 5));
  EXPECT_EQ(marked("lake", dead_letter_key(letter(1)), 2), (std::vector<std::int64_t>{2, 3}));
  EXPECT_TRUE(marked("board").empty());
  EXPECT_EQ(*writer_->store().letters().mark_for_redrive("none", ""), 0U);
}

TEST_F(DeadLetterStoreTest, RejectedOnceMoreARedrivenLetterIsNotRedrivenForEver) {
  bury("lake", letter(5));
  ASSERT_EQ(*writer_->store().letters().mark_for_redrive("lake", ""), 1U);
  bury("lake", letter(5));
  EXPECT_TRUE(marked("lake").empty());
  EXPECT_EQ(letters("lake"), (std::vector<std::int64_t>{5}));
}

TEST_F(DeadLetterStoreTest, LettersAreDroppedOneOrAll) {
  for (std::uint64_t number = 0; number < 5; ++number) bury("lake", letter(number));
  bury("board", letter(7));
  EXPECT_EQ(*writer_->store().letters().mark_for_redrive("lake", ""), 5U);
  EXPECT_EQ(*writer_->store().letters().drop("lake", dead_letter_key(letter(2))), 1U);
  EXPECT_EQ(*writer_->store().letters().drop("lake", dead_letter_key(letter(2))), 0U);
  EXPECT_EQ(letters("lake"), (std::vector<std::int64_t>{0, 1, 3, 4}));
  EXPECT_EQ(*writer_->store().letters().drop("lake", ""), 4U);
  EXPECT_TRUE(letters("lake").empty());
  EXPECT_TRUE(marked("lake").empty());
  EXPECT_EQ(letters("board"), (std::vector<std::int64_t>{7}));
  reopen();
  EXPECT_TRUE(letters("lake").empty());
  EXPECT_EQ(count("lake").bytes, 0U);
}

TEST_F(DeadLetterStoreTest, TheBoundDropsTheOldestAndNoMoreThanItMust) {
  for (std::uint64_t number = 0; number < 6; ++number) bury("lake", letter(number, "calls", 1000));
  const std::uint64_t oldest = count("lake").bytes;
  for (std::uint64_t number = 6; number < 10; ++number) bury("lake", letter(number, "calls", 1000));
  const std::uint64_t all = count("lake").bytes;
  EXPECT_EQ(*writer_->store().letters().bound("lake", all), 0U);
  EXPECT_EQ(*writer_->store().letters().bound("lake", all - oldest), 6U);
  EXPECT_EQ(letters("lake"), numbers(6, 4));
  EXPECT_EQ(count("lake").bytes, all - oldest);
  EXPECT_EQ(*writer_->store().letters().bound("lake", 0), 4U);
  EXPECT_EQ(count("lake").bytes, 0U);
  EXPECT_EQ(*writer_->store().letters().bound("none", 0), 0U);
}

TEST_F(DeadLetterStoreTest, TheBoundOfOneSinkLeavesTheOthersAlone) {
  bury("lake", letter(1));
  bury("board", letter(2));
  EXPECT_EQ(*writer_->store().letters().bound("lake", 0), 1U);
  EXPECT_EQ(letters("board"), (std::vector<std::int64_t>{2}));
}

}  // namespace
}  // namespace pbxbridge::spool
