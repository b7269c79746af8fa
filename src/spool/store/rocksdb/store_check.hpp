#pragma once

#include "pbxbridge/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Reason not to open a store as it is.
struct StoreDamage {
  std::string reason;
  bool newest_log_lost = false;  ///< so that it is not known how much there was
};

/// Faults that RocksDB would not notice, or would end the process for.
struct CheckedStore {
  std::optional<StoreDamage> damage;
  /// Tables without an end: a crash leaves such a one, which the store does not know of. One that it does is damaged.
  std::vector<std::string> unfinished_tables;
};

/// Looks at a store that is not open for writing. An error where its files cannot be read, which is no damage.
Result<CheckedStore> check_store(const std::filesystem::path& spool_directory);

}  // namespace pbxbridge::spool
