#pragma once

#include "pbxbridge/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pbxbridge::spool::salvage {

bool is_table(const std::filesystem::path& file);
bool is_log(const std::filesystem::path& file);

/// Its tables, then its logs, each in the order in which they were written.
Result<std::vector<std::filesystem::path>> store_files(const std::filesystem::path& directory);

/// All of a file's bytes.
Result<std::string> read_store_file(const std::filesystem::path& file);

enum class TableFrame : std::uint8_t { intact, no_footer, damaged };

/// Returns whether a table can be opened without RocksDB asserting what is not so; without a footer, it is one that was
/// never written to its end, or damaged.
Result<TableFrame> frame_of(const std::filesystem::path& table);

}  // namespace pbxbridge::spool::salvage
