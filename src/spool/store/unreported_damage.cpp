#include "spool/store/unreported_damage.hpp"

#include "spool/log/byte_codec.hpp"
#include "spool/store/rocksdb/store_reading.hpp"
#include "spool/store/store_keys.hpp"

#include <algorithm>
#include <string>

namespace pbxbridge::spool {

namespace {

constexpr std::size_t sequence_size = 8;

std::string key_of(Sequence after, Sequence before) {
  return store_key::join(store_key::damage_prefix, encode_key(after)) + encode_key(before);
}

constexpr char with_times = 1;

SystemTime take_time(Cutter& cutter) { return SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>())); }

}  // namespace

std::string encode_damage(const Damage& damage) {
  std::string value(1, with_times);
  put(value, std::int64_t{damage.begin.time_since_epoch().count()});
  put(value, std::int64_t{damage.end.time_since_epoch().count()});
  return value += damage.reason;
}

Damage decode_damage(Sequence after, Sequence before, std::string_view value) {
  Damage damage{.after = after, .before = before, .reason = {}};
  if (value.starts_with(with_times)) {
    Cutter cutter(value.substr(1));
    damage.begin = take_time(cutter);
    damage.end = take_time(cutter);
    value.remove_prefix(std::min(value.size(), 1 + 2 * sizeof(std::int64_t)));
  }
  damage.reason = value;
  return damage;
}

std::vector<Damage> load_unreported_damage(const Database& database) {
  std::vector<Damage> damages;
  scan_prefix(*database.rocksdb, database.meta(), store_key::damage_prefix, "",
              [&damages](std::string_view key, std::string_view value) {
                const auto after = decode_key(key.substr(0, sequence_size));
                const auto before = decode_key(key.substr(std::min(key.size(), sequence_size)));
                if (after && before) damages.push_back(decode_damage(*after, *before, value));
                return true;
              });
  return damages;
}

bool is_reported(const Damage& damage, const std::vector<std::pair<std::uint64_t, Gap>>& gaps) {
  // If its end is not known, more may have gone since.
  return damage.before.value != 0 && std::any_of(gaps.begin(), gaps.end(), [&damage](const auto& each) {
           const Gap& gap = each.second;
           return gap.reason == GapReason::corrupted && gap.after == damage.after && gap.before == damage.before;
         });
}

void put_unreported_damage(const Database& database, const std::vector<Damage>& damages, rocksdb::WriteBatch& batch) {
  for (const Damage& damage : damages)
    batch.Put(database.meta(), key_of(damage.after, damage.before), encode_damage(damage));
}

void remove_reported_damage(const Database& database, const Damage& damage, rocksdb::WriteBatch& batch) {
  batch.Delete(database.meta(), key_of(damage.after, damage.before));
}

void remove_reported_damage(const Database& database, const Gap& gap, rocksdb::WriteBatch& batch) {
  if (gap.reason == GapReason::corrupted) batch.Delete(database.meta(), key_of(gap.after, gap.before));
}

}  // namespace pbxbridge::spool
