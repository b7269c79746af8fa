#include "spool/store/store_contents.hpp"

#include "spool/log/segment_codec.hpp"
#include "spool/salvage/missing_events.hpp"
#include "spool/store/format_check.hpp"
#include "spool/store/rocksdb/store_reading.hpp"
#include "spool/store/storage_cause.hpp"
#include "spool/store/store_keys.hpp"
#include "spool/store/unreported_damage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
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
  return {.category = ErrorCategory::storage,
          .text = fmt::format("the spool's own entry '{}' is damaged", key),
          .cause = StorageCause::damage};
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

Result<std::uint32_t> get_epoch(const Database& database, const char* key) {
  const auto stored = get_number(database, key);
  if (!stored) return stored.error();
  return static_cast<std::uint32_t>(*stored);
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

/// Scans what came after the last segment that was closed.
Result<void> scan_tail(const Database& database, StoreContents& contents) {
  const Sequence position = std::max(contents.segments.last(), contents.removed);
  const auto damages =
      scan_batches(*database.rocksdb, database.batches(), contents.id, position, [&contents](const Segment& batch) {
        if (const auto closed = contents.segments.add(batch)) contents.not_stored.push_back(*closed);
      });
  if (!damages) return damages.error();
  contents.damages.insert(contents.damages.end(), damages->begin(), damages->end());
  return {};
}

bool is_covered(const Damage& damage, const std::vector<Damage>& known) {
  return std::ranges::any_of(
      known, [&damage](const Damage& each) { return each.after <= damage.after && damage.before <= each.before; });
}

/// A log that was cut short looks like one that ends there. A salvage has told of it already.
void find_lost_end(const KnownEpochs& known, StoreContents& contents) {
  const Sequence last = std::max(contents.segments.last(), contents.removed);
  if (known.newest <= last) return;
  salvage::MissingEvents missing(known, {}, last);
  missing.end(known.newest);
  for (Damage damage : missing.damages()) {
    if (is_covered(damage, contents.damages)) continue;
    damage.begin = contents.segments.newest(last).value_or(SystemTime());
    contents.damages.push_back(std::move(damage));
  }
}

}  // namespace

Result<StoreContents> load_contents(const Database& database, const KnownEpochs& known,
                                    std::optional<SpoolId> earlier_id) {
  StoreContents contents;
  const auto format = get_number(database, store_key::format);
  if (!format) return format.error();
  if (*format > format_version)
    return newer_format(std::filesystem::path(database.rocksdb->GetName()).parent_path(), *format);
  auto id = get(database, store_key::id);
  if (!id) return id.error();
  const auto new_id = known.id == SpoolId{} ? earlier_id.value_or(SpoolId::random()) : known.id;
  const auto stored_id = *id ? SpoolId::from_text(**id) : new_id;
  if (!stored_id) return damaged_entry(store_key::id);
  if (earlier_id && *stored_id != *earlier_id)
    return Error{ErrorCategory::storage, fmt::format("the store is that of another spool: its id is {} instead of {}",
                                                     stored_id->text(), earlier_id->text())};
  contents.id = *stored_id;
  const auto removed = get_number(database, store_key::removed);
  if (!removed) return removed.error();
  contents.removed = std::max(Sequence{*removed}, known.removed);
  contents.cursors = load_by_name(database, store_key::cursor_prefix, decode_key);
  contents.streams = load_by_name(database, store_key::stream_prefix, decode_subscribed_until);
  contents.unacknowledged = load_by_name(database, store_key::unacknowledged_prefix, decode_unacknowledged);
  contents.deferred = load_by_name(database, store_key::deferred_prefix, decode_deferred);
  for (const auto& [sink, since] : load_by_name(database, store_key::removed_sink_prefix, decode_removed_since))
    contents.removed_sinks.emplace(sink, since);
  contents.damages = load_unreported_damage(database);
  const auto salvaged = get(database, store_key::salvaged);
  if (!salvaged) return salvaged.error();
  contents.salvaged = salvaged->value_or("");
  contents.segments = load_segments(database, contents.removed);
  if (auto scanned = scan_tail(database, contents); !scanned) return scanned.error();
  find_lost_end(known, contents);
  return contents;
}

std::vector<std::pair<std::uint64_t, Gap>> load_gaps(const Database& database) {
  std::vector<std::pair<std::uint64_t, Gap>> gaps;
  scan_prefix(*database.rocksdb, database.meta(), store_key::gap_prefix, "",
              [&gaps](std::string_view key, std::string_view value) {
                const auto number = decode_key(key);
                const auto gap = gap_from_json(value);
                if (number && gap) gaps.emplace_back(number->value, *gap);
                return true;
              });
  return gaps;
}

Result<std::vector<TableRow>> load_tables(const Database& database) {
  std::vector<TableRow> rows;
  const auto status = scan_prefix(*database.rocksdb, database.meta(), store_key::row_prefix, "",
                                  [&rows](std::string_view key, std::string_view row) {
                                    rows.push_back({std::string(key), std::string(row)});
                                    return true;
                                  });
  if (!status.ok()) return storage_error("cannot read the spool's own data", status);
  return rows;
}

Result<std::uint32_t> load_rows_epoch(const Database& database) { return get_epoch(database, store_key::rows_epoch); }

Result<std::uint32_t> last_start_epoch(const Database& database) { return get_epoch(database, store_key::start_epoch); }

}  // namespace pbxbridge::spool
