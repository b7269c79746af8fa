// Bytes on the disks of those who have run pbxbridge: a change here is a change of the format, and
// needs a reader for what was there before.

#include "pbxbridge/event.hpp"
#include "spool/cursor/deferred_deliveries.hpp"
#include "spool/cursor/removed_sinks.hpp"
#include "spool/cursor/unacknowledged.hpp"
#include "spool/dead_letters/dead_letter.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"
#include "spool/gaps/gap.hpp"
#include "spool/gaps/subscribed_until.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/log/segment_codec.hpp"
#include "spool/log/stored_values.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/file_mark.hpp"
#include "spool/store/store_keys.hpp"
#include "spool/store/unreported_damage.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

namespace pbxbridge::spool {
namespace {

constexpr SpoolId spool_id{0x0123456789abcdef};
constexpr Sequence sequence{0x0000020000000005};
constexpr SystemTime begin{std::chrono::nanoseconds(1764000040123456789)};
constexpr SystemTime end{std::chrono::nanoseconds(1764000041123456789)};

EventPtr event() {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "call_start";
  attributes.tenant = "71";
  attributes.entity = "42";
  attributes.entity_kind = EntityKind::session;
  attributes.family = Family::cdr;
  attributes.payload_kind = PayloadKind::not_json;
  attributes.event_time = std::chrono::sys_seconds(std::chrono::seconds(1764000040));
  attributes.received_at = begin;
  attributes.connection_epoch = 7;
  attributes.content_hash = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
                             0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};
  auto event = Event::make("{}", attributes);
  event->accept(sequence, spool_id);
  return event;
}

const std::string stored_batch =
    "010100000056000000ff99db640500000000020000155d55bfb0fc7a18288124690000000007000000101112131415161718"
    "191a1b1c1d1e1f03020200020000000a000000020000000200000002000000687163616c6c5f7374617274373134327b7d";

TEST(GoldenBytes, OfABatch) {
  EXPECT_EQ(to_hex(encode_batch(std::vector{event()})), stored_batch);
  const auto batch = decode_batch(from_hex(stored_batch).value(), spool_id);
  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(batch.events.front()->entity_kind(), EntityKind::session);
  EXPECT_EQ(batch.events.front()->family(), Family::cdr);
  EXPECT_EQ(batch.events.front()->payload_kind(), PayloadKind::not_json);
  EXPECT_EQ(encode_batch(batch.events), from_hex(stored_batch).value());
}

/// A flag each, in the byte before the sizes.
TEST(GoldenBytes, OfRemovalAndSnapshot) {
  for (const auto& [is_removal, is_snapshot, byte] :
       {std::tuple(true, false, 1), std::tuple(false, true, 2), std::tuple(true, true, 3)}) {
    const auto marked = Event::make("", {.is_removal = is_removal, .is_snapshot = is_snapshot});
    const auto bytes = encode_batch(std::vector<EventPtr>{marked});
    EXPECT_EQ(bytes[5 + record_header_size + record_sizes_at - 1], byte);
    const auto batch = decode_batch(bytes, spool_id);
    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events.front()->is_removal(), is_removal);
    EXPECT_EQ(batch.events.front()->is_snapshot(), is_snapshot);
  }
}

TEST(GoldenBytes, OfAKey) {
  EXPECT_EQ(to_hex(encode_key(sequence)), "0000020000000005");
  EXPECT_EQ(decode_key(from_hex("0000020000000005").value()), sequence);
}

/// LZ4 may pack differently from version to version; what it has packed once stays readable.
TEST(GoldenBytes, OfAPackedBatch) {
  const std::string batch(5000, 'x');
  const std::string packed = "02881300001f780100ffffffffffffffffffffffffffffffffffffff82507878787878";
  std::string buffer;
  EXPECT_EQ(unpack_batch(from_hex(packed).value(), buffer), batch);
  EXPECT_EQ(to_hex(pack_batch(batch)).substr(0, 10), packed.substr(0, 10)) << "format and size";
}

TEST(GoldenBytes, OfEnumerators) {
  using enum Family;
  std::string families;
  for (const auto family :
       {extension_management, extension, cdr, queue_management, queue, trunk, unknown, bridge, state})
    families += static_cast<char>(stored(family));
  EXPECT_EQ(to_hex(families), "000102030405060708");
  std::string entities;
  for (const auto kind : {EntityKind::none, EntityKind::extension, EntityKind::queue, EntityKind::session,
                          EntityKind::trunk, EntityKind::pbx, EntityKind::agent})
    entities += static_cast<char>(stored(kind));
  EXPECT_EQ(to_hex(entities), "00010203040506");
  std::string payloads;
  for (const auto kind : {PayloadKind::json_object, PayloadKind::json_other, PayloadKind::not_json})
    payloads += static_cast<char>(stored(kind));
  EXPECT_EQ(to_hex(payloads), "000102");
}

TEST(GoldenBytes, OfNumbersThatNoEnumeratorHas) {
  EXPECT_EQ(from_stored<Family>(6), Family::unknown);
  EXPECT_FALSE(from_stored<Family>(9));
  EXPECT_FALSE(from_stored<Family>(not_stored));
  EXPECT_FALSE(from_stored<EntityKind>(7));
  EXPECT_FALSE(from_stored<PayloadKind>(3));
}

TEST(GoldenBytes, OfADeadLetter) {
  const DeadLetter letter{.event = event(),
                          .topic = "calls/42",
                          .key = "k",
                          .reason = "too large",
                          .rejected_at = end,
                          .attempts = 3,
                          .stored_as = {}};
  const std::string stored_letter =
      "01550142851527f0fab0fc7a18030000000800000001000000090000006300000063616c6c732f34326b746f6f206c617267"
      "65" +
      stored_batch;
  EXPECT_EQ(to_hex(encode_dead_letter(letter)), stored_letter);
  EXPECT_EQ(to_hex(dead_letter_key(letter)), "00000200000000058347f3e5");
  const auto decoded = decode_dead_letter(from_hex(stored_letter).value(), spool_id);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_dead_letter(*decoded), from_hex(stored_letter).value());
}

TEST(GoldenBytes, OfWhatASinkHoldsBack) {
  const DeferredDeliveries deferred{Sequence{9}, {{Sequence{5}, 0x1122334455667788}, {Sequence{7}, 1}}};
  const std::string golden = "09000000000000000500000000000000887766554433221107000000000000000100000000000000";
  EXPECT_EQ(to_hex(encode_deferred(deferred)), golden);
  EXPECT_EQ(decode_deferred(from_hex(golden).value()), deferred);
}

TEST(GoldenBytes, OfWhatASinkHasNotAcknowledged) {
  UnacknowledgedRuns runs;
  for (const auto reason : {DropReason::spool_full, DropReason::expired, DropReason::corrupted})
    runs.push_back({{.first = Sequence{3}, .last = Sequence{4}, .oldest = begin, .newest = end}, reason});
  const std::string golden =
      "03000000000000000400000000000000155d55bfb0fc7a181527f0fab0fc7a18000300000000000000040000000000000015"
      "5d55bfb0fc7a181527f0fab0fc7a180103000000000000000400000000000000155d55bfb0fc7a181527f0fab0fc7a1802";
  EXPECT_EQ(to_hex(encode_unacknowledged(runs)), golden);
  const auto decoded = decode_unacknowledged(from_hex(golden).value());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_unacknowledged(*decoded), from_hex(golden).value());
}

TEST(GoldenBytes, OfASegment) {
  const Segment segment{.first = Sequence{3}, .last = Sequence{4}, .bytes = 1000, .oldest = begin, .newest = end};
  const std::string golden = "0400000000000000e803000000000000155d55bfb0fc7a181527f0fab0fc7a18";
  EXPECT_EQ(to_hex(encode_segment(segment)), golden);
  const auto decoded = decode_segment(encode_key(Sequence{3}), from_hex(golden).value());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_segment(*decoded), from_hex(golden).value());
}

TEST(GoldenBytes, OfAStreamMark) {
  const SubscribedUntil mark{{.wall = begin, .since_boot = std::chrono::nanoseconds(77), .boot = 0x1122334455667788},
                             true};
  const std::string golden = "155d55bfb0fc7a18014d000000000000008877665544332211";
  EXPECT_EQ(to_hex(encode_subscribed_until(mark)), golden);
  EXPECT_EQ(decode_subscribed_until(from_hex(golden).value()), mark);
  const SubscribedUntil before_it_was_measured{{.wall = begin, .since_boot = {}, .boot = 0}, true};
  EXPECT_EQ(decode_subscribed_until(from_hex(golden.substr(0, 18)).value()), before_it_was_measured);
}

TEST(GoldenBytes, OfAGap) {
  const std::vector<std::pair<GapReason, std::string>> reasons = {
      {GapReason::disconnected, "disconnected"}, {GapReason::not_running, "not_running"},
      {GapReason::overload, "overload"},         {GapReason::spool_full, "spool_full"},
      {GapReason::expired, "expired"},           {GapReason::corrupted, "corrupted"}};
  for (const auto& [reason, name] : reasons) {
    const Gap gap{.reason = reason,
                  .pbx = "hq",
                  .begin = begin,
                  .end = end,
                  .after = Sequence{3},
                  .before = Sequence{9},
                  .events = 5,
                  .measured = std::chrono::nanoseconds(1000000000)};
    const std::string golden =
        R"({"after":3,"before":9,"begin_ns":1764000040123456789,"end_ns":1764000041123456789,"events":5,)"
        R"("measured_ns":1000000000,"pbx":"hq","reason":")" +
        name + "\"}";
    EXPECT_EQ(to_json(gap), golden);
    const auto decoded = gap_from_json(golden);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(to_json(*decoded), golden);
  }
  EXPECT_FALSE(gap_from_json(R"({"after":3,"before":9,"begin_ns":1,"end_ns":2,"events":5,"pbx":"hq","reason":""})"));
}

TEST(GoldenBytes, OfADamageThatNoGapTells) {
  const Damage damage{.after = Sequence{3}, .before = Sequence{9}, .reason = "torn", .begin = begin, .end = end};
  const std::string golden = "01155d55bfb0fc7a181527f0fab0fc7a18746f726e";
  EXPECT_EQ(to_hex(encode_damage(damage)), golden);
  const Damage decoded = decode_damage(Sequence{3}, Sequence{9}, from_hex(golden).value());
  EXPECT_EQ(encode_damage(decoded), from_hex(golden).value());
  EXPECT_EQ(decode_damage(Sequence{3}, Sequence{9}, "torn").reason, "torn") << "of before its times were kept";
}

TEST(GoldenBytes, OfTheTimeSinceWhichASinkIsRemoved) {
  const SystemTime since{std::chrono::seconds(1'764'000'000)};
  const std::string golden = "0000ca67a7fc7a18";
  EXPECT_EQ(to_hex(encode_removed_since(since)), golden);
  EXPECT_EQ(decode_removed_since(from_hex(golden).value()), since);
  EXPECT_EQ(decode_removed_since("torn"), std::nullopt);
}

TEST(GoldenBytes, OfTheNamesOfEntries) {
  using namespace store_key;
  const std::string names =
      fmt::format("{} {} {} {} {} {}", store_key::format, id, start_epoch, removed, synced, salvaged);
  EXPECT_EQ(names, "format id start_epoch removed synced salvaged");
  const std::string prefixes =
      fmt::format("{} {} {} {} {} {} {} {} {}", cursor_prefix, segment_prefix, gap_prefix, redrive_prefix,
                  stream_prefix, damage_prefix, unacknowledged_prefix, deferred_prefix, removed_sink_prefix);
  EXPECT_EQ(prefixes, "cursor/ segment/ gap/ redrive/ stream/ damage/ unconfirmed/ held_back/ removed_sink/");
  EXPECT_EQ(to_hex(of_sink(redrive_prefix, "lake")), "726564726976652f6c616b6500");
  EXPECT_EQ(to_hex(number(5)), "0000000000000005");
}

TEST(GoldenBytes, OfTheLogOfStarts) {
  const test::TemporaryDirectory directory;
  {
    EpochLog epochs(directory.path());
    ASSERT_TRUE(epochs.begin({1, Sequence{0}}, spool_id, Sequence{0}));
    ASSERT_TRUE(epochs.begin({2, Sequence{0x10000000005}}, spool_id, Sequence{0x10000000002}));
    epochs.close(sequence, Sequence{0x10000000003});
  }
  const std::string format = "format 00000002 by " PBXBRIDGE_VERSION;
  std::ifstream file(directory.path() / "epochs");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}),
            "start 00000001 after 0000000000000000 id 0123456789abcdef crc cd33ba14\n"
            "start 00000002 after 0000010000000005 id 0123456789abcdef crc 2c443c81\n" +
                fmt::format("{} crc {:08x}\n", format, crc32c(format)) +
                "newest 0000020000000005 removed 0000010000000003 closed crc bdb1c4a6\n");
}

TEST(GoldenBytes, OfTheMarkOfAnExchange) {
  const test::TemporaryDirectory directory;
  ASSERT_TRUE(exchange_mark(directory.path()).set("2026-01-01"));
  std::ifstream file(directory.path() / "salvaged.exchange");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "2026-01-01");
}

}  // namespace
}  // namespace pbxbridge::spool
