#include "spool/store_contents.hpp"

#include "spool/prefix_scan.hpp"
#include "spool/segment_codec.hpp"
#include "spool/spool_id.hpp"
#include "spool/store_keys.hpp"
#include "spool/store_reading.hpp"
#include "spool/untold_damage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pbxbridge::spool {

namespace {

Result<std::optional<std::string>> get(const Database& database, const char* key) {
  std::string value;
  const auto status = database.rocksdb->Get(rocksdb::ReadOptions(), database.meta(), key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return storage_error("cannot read the spool's own data", status);
  return std::optional<std::string>(std::move(value));
}

Error damaged_entry(const char* key) {
  return {ErrorCategory::storage, fmt::format("the spool's own entry '{}' is damaged", key)};
}

/// 0 where there is none.
Result<std::uint64_t> get_number(const Database& database, const char* key) {
  auto value = get(database, key);
  if (!value) return value.error();
  if (!*value) return std::uint64_t{0};
  const auto number = decode_key(**value);
  if (!number) return damaged_entry(key);
  return number->value;
}

/// The entries of that prefix, by the name of a sink or a PBX. `decode` has nothing for what is damaged, which is left
/// out.
template <class Decode>
auto load_by_name(const Database& database, std::string_view prefix, Decode decode) {
  std::map<std::string, typename std::invoke_result_t<Decode, std::string_view>::value_type> entries;
  scan_prefix(*database.rocksdb, database.meta(), prefix, "", [&](std::string_view name, std::string_view value) {
    if (auto entry = decode(value)) entries[std::string(name)] = std::move(*entry);
    return true;
  });
  return entries;
}

SegmentIndex load_segments(const Database& database, Sequence removed) {
  SegmentIndex segments;
  scan_prefix(*database.rocksdb, database.meta(), store_key::segment_prefix, "",
              [&](std::string_view key, std::string_view value) {
                const auto segment = decode_segment(key, value);
                if (segment && segment->last > removed && segment->first > segments.last()) segments.restore(*segment);
                return true;
              });
  return segments;
}

/// The last sequences of the segments that were closed.
std::set<Sequence> stored_ends(const Database& database) {
  std::set<Sequence> ends;
  scan_prefix(*database.rocksdb, database.meta(), store_key::segment_prefix, "",
              [&ends](std::string_view key, std::string_view value) {
                if (const auto segment = decode_segment(key, value)) ends.insert(segment->last);
                return true;
              });
  return ends;
}

/// Whether events may be missing between two that were read one behind the other. Where a start of the spool ended is
/// known from the segment that was closed then.
bool is_hole(Sequence before, Sequence behind, const std::set<Sequence>& ends) {
  if (before.next() == behind) return false;
  // A start between the two of which nothing is left.
  if (const auto between = ends.upper_bound(before); between != ends.end() && *between < behind) return true;
  const bool begins_a_start = behind == Sequence::first_of(behind.start_epoch());
  const bool ends_one = before.value == 0 ? behind.start_epoch() == 1 : ends.contains(before);
  return !begins_a_start || !ends_one;
}

/// What came after the last segment that was closed, or everything after a repair: then holes are told as well.
Result<void> scan_tail(const Database& database, StoreContents& contents) {
  Sequence position = std::max(contents.segments.last(), contents.removed);
  const bool repaired = !database.repair.empty();
  const auto ends = repaired ? stored_ends(database) : std::set<Sequence>();
  while (true) {
    auto result = scan_batches(*database.rocksdb, database.batches(), contents.id, position, 8 * 1024 * 1024);
    if (!result) return result.error();
    const ScannedBatches& scanned = *result;
    for (const Segment& batch : scanned.batches) {
      if (repaired && is_hole(position, batch.first, ends))
        contents.damages.push_back({position, batch.first, "events are missing"});
      if (const auto closed = contents.segments.add(batch)) contents.not_stored.push_back(*closed);
      position = batch.last;
    }
    contents.damages.insert(contents.damages.end(), scanned.damages.begin(), scanned.damages.end());
    if (scanned.at_end) break;
  }
  // What the newest event was is not known any more.
  if (repaired) contents.damages.push_back({position, {}, database.repair});
  return {};
}

}  // namespace

Result<StoreContents> load_contents(const Database& database, std::optional<SpoolId> earlier_id) {
  StoreContents contents;
  const auto format = get_number(database, store_key::format);
  if (!format) return format.error();
  if (*format > format_version)
    return Error{
        ErrorCategory::storage,
        fmt::format("the spool was written by a newer pbxbridge, in format {}; this one knows formats up to {}",
                    *format, format_version)};
  auto id = get(database, store_key::id);
  if (!id) return id.error();
  const auto stored_id = *id ? SpoolId::from_text(**id) : earlier_id.value_or(make_spool_id());
  if (!stored_id) return damaged_entry(store_key::id);
  if (earlier_id && *stored_id != *earlier_id)
    return Error{ErrorCategory::storage, fmt::format("the store is that of another spool: its id is {} instead of {}",
                                                     stored_id->text(), earlier_id->text())};
  contents.id = *stored_id;
  const auto removed = get_number(database, store_key::removed);
  if (!removed) return removed.error();
  contents.removed = Sequence{*removed};
  contents.cursors = load_by_name(database, store_key::cursor_prefix, decode_key);
  contents.streams = load_by_name(database, store_key::stream_prefix, decode_stream_mark);
  contents.unconfirmed = load_by_name(database, store_key::unconfirmed_prefix, decode_unconfirmed);
  contents.held_back = load_by_name(database, store_key::held_back_prefix, decode_held_back);
  contents.damages = load_untold_damage(database);
  // After a repair the list may know what is gone: it is made anew from the batches.
  if (database.repair.empty()) contents.segments = load_segments(database, contents.removed);
  if (auto scanned = scan_tail(database, contents); !scanned) return scanned.error();
  return contents;
}

Result<std::uint32_t> last_start_epoch(const Database& database) {
  const auto stored = get_number(database, store_key::start_epoch);
  if (!stored) return stored.error();
  return static_cast<std::uint32_t>(*stored);
}

}  // namespace pbxbridge::spool
