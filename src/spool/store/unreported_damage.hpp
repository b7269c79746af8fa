#pragma once

// Damage that was found while opening is in the store until the gap for it is: what was repaired is sound when the
// store is opened the next time, and whoever has to account for the events would not learn of it.

#include "pbxbridge/event_id.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/rocksdb/store_database.hpp"

#include <rocksdb/write_batch.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

// Its key has the sequences, its value u8 1, i64 begin, i64 end (ns since 1970), reason; the reason alone, before the
// times were kept. Little-endian.
std::string encode_damage(const Damage& damage);
Damage decode_damage(Sequence after, Sequence before, std::string_view value);

std::vector<Damage> load_unreported_damage(const Database& database);
/// Returns whether a stored gap covers it already.
bool is_reported(const Damage& damage, const std::vector<std::pair<std::uint64_t, Gap>>& gaps);
void put_unreported_damage(const Database& database, const std::vector<Damage>& damages, rocksdb::WriteBatch& batch);
/// Removes the damage that the gap covers.
void remove_reported_damage(const Database& database, const Gap& gap, rocksdb::WriteBatch& batch);
void remove_reported_damage(const Database& database, const Damage& damage, rocksdb::WriteBatch& batch);

}  // namespace pbxbridge::spool
