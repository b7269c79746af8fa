#include "spool/untold_damage.hpp"

#include "spool/prefix_scan.hpp"
#include "spool/store_keys.hpp"

#include <algorithm>
#include <string>

namespace pbxbridge::spool {

namespace {

constexpr std::size_t sequence_size = 8;

std::string key_of(Sequence after, Sequence before) {
  return store_key::join(store_key::damage_prefix, encode_key(after)) + encode_key(before);
}

}  // namespace

std::vector<Damage> load_untold_damage(const Database& database) {
  std::vector<Damage> damages;
  scan_prefix(*database.rocksdb, database.meta(), store_key::damage_prefix, "",
              [&damages](std::string_view key, std::string_view reason) {
                const auto after = decode_key(key.substr(0, sequence_size));
                const auto before = decode_key(key.substr(std::min(key.size(), sequence_size)));
                if (after && before) damages.push_back({*after, *before, std::string(reason)});
                return true;
              });
  return damages;
}

void put_untold_damage(const Database& database, const std::vector<Damage>& damages,
                       const std::vector<std::pair<std::uint64_t, Gap>>& gaps, rocksdb::WriteBatch& batch) {
  for (const Damage& damage : damages) {
    // Where its end is not known, more may have gone since.
    const bool told =
        damage.before.value != 0 && std::any_of(gaps.begin(), gaps.end(), [&damage](const auto& each) {
          const Gap& gap = each.second;
          return gap.reason == GapReason::corrupted && gap.after == damage.after && gap.before == damage.before;
        });
    if (!told) batch.Put(database.meta(), key_of(damage.after, damage.before), damage.reason);
  }
}

void remove_told_damage(const Database& database, const Gap& gap, rocksdb::WriteBatch& batch) {
  if (gap.reason == GapReason::corrupted) batch.Delete(database.meta(), key_of(gap.after, gap.before));
}

}  // namespace pbxbridge::spool
