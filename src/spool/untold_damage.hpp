#pragma once

// Damage that was found while opening stands in the store until the gap for it does: what was mended is sound when the
// store is opened the next time, and who has to account for the events would not hear of it.

#include "spool/batch_store.hpp"
#include "spool/store_database.hpp"

#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

namespace pbxbridge::spool {

std::vector<Damage> load_untold_damage(const Database& database);
/// Whether a stored gap tells it already.
bool is_told(const Damage& damage, const std::vector<std::pair<std::uint64_t, Gap>>& gaps);
void put_untold_damage(const Database& database, const std::vector<Damage>& damages, rocksdb::WriteBatch& batch);
/// What the gap tells.
void remove_told_damage(const Database& database, const Gap& gap, rocksdb::WriteBatch& batch);
void remove_told_damage(const Database& database, const Damage& damage, rocksdb::WriteBatch& batch);

}  // namespace pbxbridge::spool
