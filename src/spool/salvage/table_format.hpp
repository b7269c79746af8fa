#pragma once

// RocksDB's block-based tables, as far as ours use them: format 2 to 5, no compression, no filters.
// https://github.com/facebook/rocksdb/wiki/Rocksdb-BlockBasedTable-Format
//
//   table    data blocks one after the other, index block, properties block, metaindex block, footer
//   block    entries, u32 offset of each entry that is a restart, u32 number of these; then u8 compression (0), u32
//            checksum of all before
//   entry    varint bytes that its key shares with the key before (0 at a restart), varint further bytes of the key,
//            varint bytes of the value, the further bytes, the value
//   key      in a data block: the key, then u64 (number << 8 | kind)
//   footer   u8 kind of checksum, handles of metaindex and index (varint offset, varint bytes without the trailer),
//            zeros up to byte 41, u32 format, u64 magic number

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool::salvage {

inline constexpr std::size_t block_trailer_size = 5;
inline constexpr std::size_t footer_size = 53;

enum class BlockChecksum : std::uint8_t { crc32c = 1, xxh3 = 4 };

/// Place of a block, without its trailer.
struct BlockHandle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  std::uint64_t end() const { return offset + size + block_trailer_size; }
};

struct TableFooter {
  BlockChecksum checksum{};
  BlockHandle metaindex;
  BlockHandle index;
};

/// Returns nothing where the last bytes of `table` are no footer, or one whose blocks are not within `table_size`.
std::optional<TableFooter> read_footer(std::string_view end_of_table, std::uint64_t table_size);

/// Returns whether the checksum of a block holds. `block`: with its trailer.
bool block_holds(std::string_view block, BlockChecksum kind);

/// One entry after the other from the front of a block. Reads nothing beyond `bytes`.
class BlockCursor {
 public:
  /// `restart_interval`: how many entries share a restart.
  BlockCursor(std::string_view bytes, std::size_t restart_interval)
      : bytes_(bytes), restart_interval_(restart_interval) {}

  /// Returns whether there is an entry here, which `key` and `value` then return.
  bool next();
  const std::string& key() const { return key_; }
  std::string_view value() const { return value_; }
  /// Begin of the bytes after the last entry.
  std::size_t position() const { return position_; }
  /// The end of the block without its trailer, if what follows the last entry are its restarts.
  std::optional<std::size_t> end_of_restarts() const;

 private:
  std::string_view bytes_;
  std::size_t restart_interval_;
  std::size_t position_ = 0;
  std::size_t entries_ = 0;
  std::string key_;
  std::string_view value_;
};

/// `tail`: the bytes of a table from its index block to the end, of a table of `table_size` bytes. Whether everything
/// that RocksDB parses when it opens the table is as it was written: of the properties, it asserts what they must be
/// before it looks at their checksum.
bool frame_holds(std::string_view tail, std::uint64_t table_size);

}  // namespace pbxbridge::spool::salvage
