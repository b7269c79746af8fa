// Decoders of what is on the disk. The last byte says which: bytes of any kind for each decoder; a batch, right in its
// checksums and wrong in its content; a batch of sound events with one byte changed.

#include "fuzz/check.hpp"
#include "pbxbridge/event.hpp"
#include "spool/cursor/deferred_deliveries.hpp"
#include "spool/cursor/unacknowledged.hpp"
#include "spool/dead_letters/dead_letter.hpp"
#include "spool/gaps/gap.hpp"
#include "spool/gaps/subscribed_until.hpp"
#include "spool/log/byte_codec.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/log/segment_codec.hpp"
#include "spool/store/rocksdb/hidden_damage.hpp"
#include "spool/store/rocksdb/log_tail.hpp"

#include <algorithm>
#include <fuzzer/FuzzedDataProvider.h>

using pbxbridge::fuzz::check;
using namespace pbxbridge;
using namespace pbxbridge::spool;

namespace {

constexpr SpoolId id{0x1234};

void check_event(const Event& event) {
  check(static_cast<std::size_t>(event.family()) < enum_count<Family> &&
            static_cast<std::size_t>(event.entity_kind()) < enum_count<EntityKind> &&
            event.payload_kind() <= PayloadKind::not_json,
        "an event that was read has kinds that exist");
  check(event.spool_id() == id, "an event belongs to the spool");
}

bool is_same(const Event& one, const Event& other) {
  const EventPtr events[] = {EventPtr(&one), EventPtr(&other)};
  return encode_batch(std::span(events, 1)) == encode_batch(std::span(events + 1, 1));
}

DecodedBatch read_batch(std::string_view value) {
  std::string buffer;
  auto batch = decode_batch(unpack_batch(value, buffer), id);
  for (const auto& event : batch.events) check_event(*event);
  return batch;
}

/// Whatever is read is written as the same bytes, so nothing is read that was never written.
void read_anything(std::string_view bytes) {
  read_batch(bytes);
  if (const auto held = decode_deferred(bytes)) check(encode_deferred(*held) == bytes, "held_back");
  if (const auto runs = decode_unacknowledged(bytes)) check(encode_unacknowledged(*runs) == bytes, "unconfirmed");
  if (const auto mark = decode_subscribed_until(bytes))
    check(decode_subscribed_until(encode_subscribed_until(*mark)) == mark, "stream mark");
  if (const auto first = decode_key(bytes)) check(encode_key(*first) == bytes, "key");
  if (const auto letter = decode_dead_letter(bytes, id)) check_event(*letter->event);
  if (const auto gap = gap_from_json(bytes)) {
    check(gap->seconds().value_or(0) >= 0, "a gap does not take less than no time");
    const auto again = gap_from_json(to_json(*gap));
    check(again && again->reason == gap->reason && again->begin == gap->begin && again->end == gap->end &&
              again->after == gap->after && again->before == gap->before && again->events == gap->events &&
              again->measured == gap->measured,
          "gap");
  }
  const std::string_view key = bytes.substr(0, 8);
  if (const auto segment = decode_segment(key, bytes.substr(key.size())))
    check(encode_key(segment->first) == key && encode_segment(*segment) == bytes.substr(8), "segment");
  check(readable_size(bytes) <= bytes.size(), "no more of a log is read than there is");
  hides_damage(bytes);
}

/// A record that says that it is whole, and a letter around it.
void read_with_right_checksums(std::string_view body) {
  std::string value;
  put(value, std::uint8_t{1});
  put(value, std::uint32_t{1});
  put(value, static_cast<std::uint32_t>(body.size()));
  put(value, crc32c(body));
  value += body;
  const auto batch = read_batch(value);
  check(batch.events.size() + batch.damaged == 1 && !batch.truncated, "a record is read or damaged");

  std::string letter;
  put(letter, std::uint8_t{1});
  put(letter, crc32c(body));
  letter += body;
  if (const auto read = decode_dead_letter(letter, id)) check_event(*read->event);
}

std::vector<EventPtr> events_of(FuzzedDataProvider& input) {
  std::vector<EventPtr> events;
  const auto count = input.ConsumeIntegralInRange<std::uint64_t>(1, 40);
  for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
    const std::string text = input.ConsumeRandomLengthString(300);
    const std::string_view part = std::string_view(text).substr(0, 20);
    auto event = Event::make(text, {.pbx = "hq", .event_type = part, .tenant = part, .entity = part});
    event->accept(Sequence{sequence}, id);
    events.emplace_back(std::move(event));
  }
  return events;
}

/// A CRC-32C finds each error within 32 bits: what is read after it is what was written.
void change_one_byte(FuzzedDataProvider& input) {
  const auto place = input.ConsumeIntegral<std::uint32_t>();
  const auto change = input.ConsumeIntegral<std::uint8_t>();
  const auto events = events_of(input);
  std::string value = pack_batch(encode_batch(events));
  const auto whole = read_batch(value);
  check(whole.events.size() == events.size() && whole.damaged == 0 && !whole.truncated, "what was written is read");
  value[place % value.size()] = static_cast<char>(value[place % value.size()] ^ static_cast<char>(change));
  for (const auto& read : read_batch(value).events) {
    const auto written = read->sequence().value;
    check(written >= 1 && written <= events.size() && is_same(*read, *events[written - 1]), "nothing else is read");
  }
  const DeadLetter letter{.event = events.front(), .topic = "t", .key = "k", .reason = "r"};
  std::string bytes = encode_dead_letter(letter);
  bytes[place % bytes.size()] = static_cast<char>(bytes[place % bytes.size()] ^ static_cast<char>(change));
  if (const auto read = decode_dead_letter(bytes, id))
    check(encode_dead_letter(*read) == encode_dead_letter(letter), "letter");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const auto kind = input.ConsumeIntegralInRange<unsigned>(0, 2);  // taken from the end
  if (kind == 2)
    change_one_byte(input);
  else if (kind == 1)
    read_with_right_checksums(input.ConsumeRemainingBytesAsString());
  else
    read_anything(input.ConsumeRemainingBytesAsString());
  return 0;
}
