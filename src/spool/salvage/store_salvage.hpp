#pragma once

#include "pbxbridge/error.hpp"
#include "spool/store/rocksdb/store_check.hpp"

#include <filesystem>

namespace pbxbridge::spool {

/// Puts a store that is made of every intact record of the damaged one in its place, and the damaged one into
/// `quarantine/`. The store must not be open. On an error everything is as it was, but for what was left half made,
/// which `finish_salvage` clears away.
Result<void> salvage_store(const std::filesystem::path& spool_directory, const StoreDamage& damage);

/// Goes on where a process has ended within a salvage. Before the store is looked at.
Result<void> finish_salvage(const std::filesystem::path& spool_directory);

}  // namespace pbxbridge::spool
