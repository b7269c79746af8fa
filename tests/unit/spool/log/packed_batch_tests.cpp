#include "pbxbridge/event.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

constexpr SpoolId spool_id{42};
constexpr std::uint64_t first = 100;

/// Makes a batch of events that are like one another, as those of a PBX.
std::string batch_of(std::uint64_t count) {
  std::vector<EventPtr> events;
  for (std::uint64_t number = 0; number < count; ++number) {
    const std::string payload = R"({"event_type":"extension_call","tenant_id":"710000000000000001","extension":"sip:)" +
                                std::to_string(number) + R"(@example.test","call_status":"RINGING"})";
    auto event = Event::make(payload, {.pbx = "hq", .event_type = "extension_call", .entity = std::to_string(number)});
    event->accept(Sequence{first + number}, spool_id);
    events.push_back(std::move(event));
  }
  return encode_batch(events);
}

std::string unpacked(const std::string& value) {
  std::string buffer;
  return std::string(unpack_batch(value, buffer));
}

TEST(PackedBatch, ComesBackAsItWent) {
  for (const std::uint64_t count : {1, 2, 10, 500}) {
    const std::string batch = batch_of(count);
    EXPECT_EQ(unpacked(pack_batch(batch)), batch) << count;
  }
}

TEST(PackedBatch, OfManyEventsIsMuchSmaller) {
  const std::string batch = batch_of(500);
  EXPECT_LT(pack_batch(batch).size(), batch.size() / 2);
}

TEST(PackedBatch, StaysAsItIsWherePackingGainsNothing) {
  std::mt19937 random(1);
  std::string noise(100'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  noise[0] = 1;
  EXPECT_EQ(pack_batch(noise), noise);
  EXPECT_EQ(pack_batch(batch_of(1)), batch_of(1));
}

// Batches of an earlier version.
TEST(PackedBatch, IsReadWhereItIsNotPacked) { EXPECT_EQ(unpacked(batch_of(100)), batch_of(100)); }

TEST(PackedBatch, WithAFlippedBitGivesNoWrongEventAndHidesNoLoss) {
  const std::string whole = pack_batch(batch_of(100));
  ASSERT_EQ(whole[0], 2);
  std::string buffer;
  for (std::size_t offset = 0; offset < whole.size(); offset += 3) {
    std::string damaged = whole;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 0x10);
    const auto batch = decode_batch(unpack_batch(damaged, buffer), spool_id);
    for (const auto& event : batch.events)
      EXPECT_EQ(event->entity(), std::to_string(event->sequence().value - first)) << offset;
    EXPECT_TRUE(batch.events.size() == 100 || batch.damaged > 0 || batch.truncated) << offset;
  }
}

TEST(PackedBatch, OfAnyBytesIsReadWithoutHarm) {
  std::mt19937 random(1);
  std::string buffer;
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 400, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 2;
    if (round % 2 == 0 && bytes.size() > 5) bytes[3] = bytes[4] = 0;  // a size that may be
    EXPECT_TRUE(decode_batch(unpack_batch(bytes, buffer), spool_id).events.empty());
    EXPECT_LE(buffer.capacity(), 400U * 255 + 16);
  }
}

}  // namespace
}  // namespace pbxbridge::spool
