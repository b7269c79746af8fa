#pragma once

// Form of events on disk. One batch is what one commit wrote: one key and one value in the store, for the store's
// cost is by key.
//
//   key      first sequence of the batch, 8 bytes, big-endian, so that keys are in order
//   value    u8 format (1), u32 number of records, then the records
//   record   u32 size of the body, u32 CRC-32C of the body, body
//   body     u64 sequence, i64 received (ns since 1970), i64 event time (s since 1970; the lowest i64: none),
//            u32 connection epoch, 16 bytes content hash, u8 entity kind, u8 family, u8 payload kind (as
//            stored_values.hpp has them), u8 flags: 1 removal, 2 snapshot,
//            u32 sizes of pbx, event type, tenant, entity, payload, then these texts in that order
//
// A program that is older than the flags reads past them: a removal is to it an event with that payload. One that is
// older than a family counts its records as damaged, and goes on: pbxbridge's own events, and none of a PBX's.
//
// All numbers are little-endian but for the key. Each record carries its own CRC and sequence, so that a flipped bit is
// found whatever layer let it through. It costs that record alone; in a batch that is packed (packed_batch.hpp),
// where others refer to the bytes that it is in, these as well.

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

std::string encode_key(Sequence first);
/// Returns nothing where it is no key of a batch.
std::optional<Sequence> decode_key(std::string_view key);

/// Events of one batch, in the order of their sequences.
std::string encode_batch(std::span<const EventPtr> events);

struct DecodedBatch {
  std::vector<EventPtr> events;  ///< events that could be read, in order
  std::size_t damaged = 0;       ///< records whose CRC or sizes do not hold
  bool truncated = false;        ///< the rest of the value could not be split into records
  std::size_t announced = 0;     ///< the number of records that the value says it has
};

/// Sizes of a record: size and checksum, then the body, of which so much is there whatever the texts are.
inline constexpr std::size_t record_header_size = 8;
inline constexpr std::size_t record_fixed_size = 68;
inline constexpr std::size_t record_sizes_at = 48;  ///< in the body
inline constexpr std::size_t record_texts = 5;

/// `record` is whole.
Sequence sequence_of_record(std::string_view record);
/// The batch that has these records, in the order of their sequences.
std::string batch_of_records(std::span<const std::string> records);

/// Never throws and never reads beyond `value`, whatever it holds.
DecodedBatch decode_batch(std::string_view value, SpoolId spool_id);

}  // namespace pbxbridge::spool
