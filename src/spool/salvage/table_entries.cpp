#include "spool/salvage/table_entries.hpp"

#include "spool/salvage/flipped_bit.hpp"
#include "spool/salvage/table_format.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

namespace pbxbridge::spool::salvage {

namespace {

constexpr std::size_t restart_interval = 16;

/// RocksDB's kinds of entries, as far as ours are.
enum class Kind : std::uint8_t { deletion = 0, value = 1, single_deletion = 7 };

std::optional<StoredEntry> entry_of(std::string_view internal_key, std::string_view value) {
  std::uint64_t trailer = 0;
  if (internal_key.size() < sizeof trailer) return std::nullopt;
  const std::size_t size = internal_key.size() - sizeof trailer;
  std::memcpy(&trailer, internal_key.data() + size, sizeof trailer);
  const auto kind = static_cast<Kind>(trailer & 0xff);
  if (kind != Kind::deletion && kind != Kind::value && kind != Kind::single_deletion) return std::nullopt;
  return StoredEntry{trailer >> 8, kind != Kind::value, internal_key.substr(0, size), value};
}

/// Returns where the entries of a data block at the front of `bytes` end, with what follows them.
std::optional<std::size_t> data_block_size(std::string_view bytes) {
  BlockCursor cursor(bytes, restart_interval);
  while (cursor.next())
    if (!entry_of(cursor.key(), cursor.value())) return std::nullopt;
  const auto end = cursor.end_of_restarts();
  if (!end || bytes.size() - *end < block_trailer_size) return std::nullopt;
  return *end + block_trailer_size;
}

class TableReader {
 public:
  TableReader(std::string_view table, EntryVisitor& visitor)
      : table_(table), visitor_(visitor), footer_(read_footer(table, table.size())), data_end_(table.size()) {
    const std::string_view frame = footer_ ? table.substr(static_cast<std::size_t>(footer_->index.offset)) : "";
    findings_.has_unreadable_frame = !frame_holds(frame, table.size());
    // After it are the blocks that only lead to the others, if it says where they begin.
    if (footer_ && block_holds(frame.substr(0, static_cast<std::size_t>(footer_->index.size) + block_trailer_size),
                               footer_->checksum))
      data_end_ -= frame.size();
    else
      footer_.reset();
  }

  FileFindings read() {
    std::size_t position = 0;
    while (position < data_end_) {
      if (const auto size = intact_block(position)) {
        take(table_.substr(position, *size), false);
        position += *size;
        continue;
      }
      const std::size_t next = next_intact_block(position + 1);
      get_over(table_.substr(position, next - position));
      position = next;
    }
    return findings_;
  }

 private:
  bool holds(std::string_view block) const {
    if (footer_) return block_holds(block, footer_->checksum);
    return block_holds(block, BlockChecksum::xxh3) || block_holds(block, BlockChecksum::crc32c);
  }

  std::optional<std::size_t> intact_block(std::size_t position) const {
    const std::string_view bytes = table_.substr(position, data_end_ - position);
    const auto size = data_block_size(bytes);
    if (!size || !holds(bytes.substr(0, *size))) return std::nullopt;
    return size;
  }

  /// A block's first entry shares nothing with one before.
  std::size_t next_intact_block(std::size_t position) const {
    for (; position < data_end_; ++position) {
      position = std::min(table_.find('\0', position), data_end_);
      if (position < data_end_ && intact_block(position)) return position;
    }
    return data_end_;
  }

  /// Skips what is between two blocks: one block, as a rule, of which one bit may be wrong.
  void get_over(std::string_view bytes) {
    const auto corrected = with_bit_flipped_back(
        bytes, [this](std::string_view tried) { return holds(tried) && data_block_size(tried) == tried.size(); });
    if (corrected) {
      ++findings_.corrected;
      take(*corrected, false);
      return;
    }
    ++findings_.damaged;
    findings_.damaged_bytes += bytes.size();
    take(bytes, true);
    visitor_.unreadable(bytes);
  }

  void take(std::string_view block, bool doubtful) {
    if (!doubtful) ++findings_.intact;
    for (BlockCursor cursor(block, restart_interval); cursor.next();) {
      const auto entry = entry_of(cursor.key(), cursor.value());
      if (!entry) break;
      if (doubtful)
        visitor_.doubtful_entry(*entry);
      else
        visitor_.entry(*entry);
    }
  }

  std::string_view table_;
  EntryVisitor& visitor_;
  std::optional<TableFooter> footer_;
  std::size_t data_end_ = 0;
  FileFindings findings_;
};

}  // namespace

FileFindings read_table(std::string_view table, EntryVisitor& visitor) { return TableReader(table, visitor).read(); }

}  // namespace pbxbridge::spool::salvage
