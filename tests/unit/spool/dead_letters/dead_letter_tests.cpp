#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "spool/dead_letters/dead_letter.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pbxbridge::spool {
namespace {

const auto spool_id = *SpoolId::from_text("0123456789abcdef");

DeadLetter a_letter() {
  return {.event = accepted_event(42, Sequence{1000}, spool_id, 300),
          .topic = "pbx/hq/cdr",
          .key = std::string("k\0y", 3),
          .reason = "message too large for the broker",
          .rejected_at = SystemTime(std::chrono::nanoseconds(1764000040123456789)),
          .attempts = 3};
}

void expect_same(const DeadLetter& letter, const DeadLetter& other) {
  EXPECT_EQ(number_of(*letter.event), number_of(*other.event));
  EXPECT_EQ(letter.event->id(), other.event->id());
  EXPECT_EQ(letter.topic, other.topic);
  EXPECT_EQ(letter.key, other.key);
  EXPECT_EQ(letter.reason, other.reason);
  EXPECT_EQ(letter.rejected_at, other.rejected_at);
  EXPECT_EQ(letter.attempts, other.attempts);
}

TEST(DeadLetterTest, ComesBackAsItWent) {
  const auto back = decode_dead_letter(encode_dead_letter(a_letter()), spool_id);
  ASSERT_TRUE(back);
  EXPECT_EQ(number_of(*back->event), 42);
  expect_same(*back, a_letter());
}

TEST(DeadLetterTest, ComesBackWithoutTextsAndBeforeTheEpoch) {
  DeadLetter letter = a_letter();
  letter.topic.clear();
  letter.key.clear();
  letter.reason.clear();
  letter.rejected_at = SystemTime(std::chrono::nanoseconds(-5));
  const auto back = decode_dead_letter(encode_dead_letter(letter), spool_id);
  ASSERT_TRUE(back);
  expect_same(*back, letter);
}

TEST(DeadLetterTest, KeysAreInTheOrderOfTheEventsAndOneForEachTopicAndKey) {
  DeadLetter letter = a_letter();
  const std::string key = dead_letter_key(letter);
  EXPECT_EQ(dead_letter_key(letter), key);
  letter.reason = "again";
  letter.attempts = 9;
  EXPECT_EQ(dead_letter_key(letter), key) << "rejected again, it replaces itself";
  letter.key = "another";
  EXPECT_NE(dead_letter_key(letter), key);
  letter.key.clear();
  EXPECT_NE(dead_letter_key(letter), key);
  letter = a_letter();
  letter.topic = "pbx/hq/other";
  EXPECT_NE(dead_letter_key(letter), key);
  letter.event = accepted_event(43, Sequence{1001}, spool_id);
  EXPECT_GT(dead_letter_key(letter), key);
  letter.event = accepted_event(43, Sequence::first_of(2), spool_id);
  EXPECT_GT(dead_letter_key(letter), key);
}

TEST(DeadLetterTest, AFlippedBitAnywhereMakesItNothing) {
  const std::string whole = encode_dead_letter(a_letter());
  for (std::size_t offset = 0; offset < whole.size(); ++offset)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[offset] = static_cast<char>(damaged[offset] ^ (1 << bit));
      EXPECT_FALSE(decode_dead_letter(damaged, spool_id)) << "byte " << offset << " bit " << bit;
    }
}

TEST(DeadLetterTest, CutShortOrMadeLongerItIsNothing) {
  const std::string whole = encode_dead_letter(a_letter());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_dead_letter(std::string_view(whole).substr(0, size), spool_id)) << size;
  EXPECT_FALSE(decode_dead_letter(whole + '\0', spool_id));
}

TEST(DeadLetterTest, RandomBytesAreReadWithoutHarm) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 400, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 1;
    EXPECT_FALSE(decode_dead_letter(bytes, spool_id));
  }
}

}  // namespace
}  // namespace pbxbridge::spool
