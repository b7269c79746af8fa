#pragma once

// Copies of a spool in which one file is damaged, and what stands in the files of a sound one.

#include "pbxbridge/event.hpp"

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

std::string read_file(const std::filesystem::path& file);
/// Writes a new file: the old one may have other names.
void write_file(const std::filesystem::path& file, const std::string& bytes);

/// All that hold something, in order, relative to `spool`.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& spool);
void make_copy(const std::filesystem::path& from, const std::filesystem::path& to);

/// Unit for which RocksDB has one checksum, or which it writes and finds again as one: a block of a table, 32 KiB of a
/// log.
struct StoredBlock {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::set<Sequence> batches;  ///< by the first of their sequences; those that only reach into the block, too
};

/// Those of a sound file that hold events, in order: of a table as its own index says where they are.
std::vector<StoredBlock> blocks_of(const std::filesystem::path& file);

/// Returns where each piece of a sound log begins.
std::vector<std::size_t> pieces_of_log(std::string_view log);

}  // namespace pbxbridge::spool
