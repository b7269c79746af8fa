#pragma once

#include "pbxbridge/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace pbxbridge::spool {

/// Rejects a spool that a newer pbxbridge has written in a format that this one does not know. Changes nothing in its
/// directory, also where the store is damaged, in use, or of a kind that this RocksDB cannot open. Whatever else is
/// wrong is left to the opening.
Result<void> check_format(const std::filesystem::path& spool_directory);

/// The same by what stands outside the store, and so can be read whatever the store is.
Result<void> check_noted_format(const std::filesystem::path& spool_directory);

/// Error for a spool of that format. `written_by`: the version of pbxbridge that has written it; empty: not known.
Error newer_format(const std::filesystem::path& spool_directory, std::uint64_t format,
                   std::string_view written_by = {});
/// Error for a spool whose store has a part that this version does not know.
Error newer_part(const std::filesystem::path& spool_directory, std::string_view name);

}  // namespace pbxbridge::spool
