#include "pbxbridge/event.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/record.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

const auto spool_id = *SpoolId::from_text("0123456789abcdef");

EventPtr event_with(std::string_view payload, Sequence sequence) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "call_start";
  attributes.tenant = "710000000000000001";
  attributes.entity = "42";
  attributes.entity_kind = EntityKind::session;
  attributes.family = Family::cdr;
  attributes.payload_kind = PayloadKind::json_object;
  attributes.event_time = std::chrono::sys_seconds(std::chrono::seconds(1764000040));
  attributes.received_at = SystemTime(std::chrono::nanoseconds(1764000040123456789));
  attributes.connection_epoch = 7;
  attributes.content_hash = {1, 2, 3, 255};
  auto event = Event::make(payload, attributes);
  event->accept(sequence, spool_id);
  return event;
}

std::string batch_of(int count) {
  std::vector<EventPtr> events;
  for (int i = 0; i < count; ++i)
    events.push_back(event_with("payload " + std::to_string(i), Sequence{100 + static_cast<std::uint64_t>(i)}));
  return encode_batch(events);
}

TEST(Crc32cTest, GivesTheValuesOfTheStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
}

TEST(RecordTest, AnEventComesBackAsItWent) {
  const std::string payload("{\"a\":\0\xff}", 8);
  const auto batch = decode_batch(encode_batch(std::vector{event_with(payload, Sequence{9})}), spool_id);
  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_FALSE(batch.truncated);
  const Event& event = *batch.events[0];
  EXPECT_EQ(event.payload(), payload);
  EXPECT_EQ(event.pbx(), "hq");
  EXPECT_EQ(event.event_type(), "call_start");
  EXPECT_EQ(event.tenant(), "710000000000000001");
  EXPECT_EQ(event.entity(), "42");
  EXPECT_EQ(event.entity_kind(), EntityKind::session);
  EXPECT_EQ(event.family(), Family::cdr);
  EXPECT_EQ(event.payload_kind(), PayloadKind::json_object);
  EXPECT_EQ(event.event_time()->time_since_epoch().count(), 1764000040);
  EXPECT_EQ(event.received_at().time_since_epoch().count(), 1764000040123456789);
  EXPECT_EQ(event.connection_epoch(), 7U);
  EXPECT_EQ(event.content_hash()[3], 255);
  EXPECT_EQ(event.sequence(), Sequence{9});
  EXPECT_EQ(event.id(), "0123456789abcdef-0000000000000009");
}

TEST(RecordTest, KeysAreInTheOrderOfTheirSequences) {
  EXPECT_LT(encode_key(Sequence{255}), encode_key(Sequence{256}));
  EXPECT_LT(encode_key(Sequence::first_of(1)), encode_key(Sequence::first_of(2)));
  EXPECT_EQ(decode_key(encode_key(Sequence{0x0102030405060708})), Sequence{0x0102030405060708});
  EXPECT_EQ(decode_key("short"), std::nullopt);
}

TEST(RecordTest, AFlippedBitCostsItsOwnRecordAndIsCounted) {
  const std::string whole = batch_of(10);
  std::size_t found = 0;
  for (std::size_t offset = 5; offset < whole.size(); ++offset) {
    std::string damaged = whole;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 0x10);
    const auto batch = decode_batch(damaged, spool_id);
    EXPECT_TRUE(batch.truncated || batch.damaged == 1) << offset;
    EXPECT_TRUE(batch.truncated || batch.events.size() == 9U) << offset;
    for (const auto& event : batch.events)
      EXPECT_EQ(event->payload(), "payload " + std::to_string(event->sequence().value - 100)) << offset;
    ++found;
  }
  EXPECT_GT(found, 1000U);
}

// A checksum that fits says that the bytes are those that were written, not that this version knows them.
TEST(RecordTest, KindsThatDoNotExistAreDamage) {
  constexpr std::size_t body = 13, entity_kind = body + 44, family = body + 45, payload_kind = body + 46;
  for (const std::size_t place : {entity_kind, family, payload_kind}) {
    std::string value = batch_of(1);
    value[place] = '\x7f';
    const std::uint32_t checksum = crc32c(std::string_view(value).substr(body));
    std::memcpy(value.data() + body - sizeof checksum, &checksum, sizeof checksum);
    const auto batch = decode_batch(value, spool_id);
    EXPECT_TRUE(batch.events.empty()) << place;
    EXPECT_EQ(batch.damaged, 1U) << place;
  }
}

TEST(RecordTest, ATornTailKeepsWhatStandsBeforeIt) {
  const std::string whole = batch_of(4);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto batch = decode_batch(std::string_view(whole).substr(0, size), spool_id);
    EXPECT_TRUE(batch.truncated) << size;
    EXPECT_LT(batch.events.size(), 4U);
  }
}

TEST(RecordTest, RandomBytesAreReadWithoutHarm) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (round % 2 == 0 && !bytes.empty()) bytes[0] = 1;
    EXPECT_TRUE(decode_batch(bytes, spool_id).events.empty());
  }
}

}  // namespace
}  // namespace pbxbridge::spool
