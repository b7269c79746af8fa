#include "spool/salvage/log_entries.hpp"

#include "spool/log/crc32c.hpp"
#include "spool/salvage/flipped_bit.hpp"
#include "spool/salvage/write_batch_entries.hpp"
#include "spool/store/rocksdb/log_format.hpp"
#include "spool/store/rocksdb/log_tail.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

namespace pbxbridge::spool::salvage {

namespace {

/// The type and the data of a piece with one bit flipped back, wherever in the piece that bit is.
std::optional<std::string> corrected_piece(const LogPiece& piece) {
  if (std::popcount(masked_crc(crc32c(piece.covered())) ^ piece.checksum()) == 1) return std::string(piece.covered());
  return with_bit_flipped_back(piece.covered(), unmasked_crc(piece.checksum()));
}

class LogReader {
 public:
  LogReader(std::string_view log, EntryVisitor& visitor)
      : log_(log.substr(0, readable_size(log))), visitor_(visitor), end_(log_.find_last_not_of('\0') + 1) {}

  FileFindings read() {
    for (std::size_t position = 0; position < end_;) {
      const std::size_t left = log_block_size - position % log_block_size;
      if (left < log_header_size) {
        position += left;
        continue;
      }
      if (is_intact(position)) {
        const LogPiece piece = log_piece_at(log_, position);
        take(piece.type, piece.data());
        position += piece.bytes.size();
      } else {
        position = get_over(position);
      }
    }
    finish_record();
    return findings_;
  }

 private:
  bool is_intact(std::size_t position) const {
    if (log_.size() - position < log_header_size) return false;
    return log_piece_at(log_, position).is_intact();
  }

  /// Skips what cannot be read as a piece: returns where the bytes after it begin.
  std::size_t get_over(std::size_t position) {
    const std::size_t next = next_intact_piece(log_, position);
    const std::string_view bytes = log_.substr(position, next - position);
    if (bytes.size() <= log_header_size || !take_corrected(position, bytes)) {
      ++findings_.damaged;
      findings_.damaged_bytes += bytes.size();
      findings_.damaged_at_its_end = true;
      record_.append(bytes.substr(std::min(log_header_size, bytes.size())));
      in_record_ = true;
      intact_ = false;
    }
    return next;
  }

  bool take_corrected(std::size_t position, std::string_view bytes) {
    const LogPiece piece = log_piece_at(log_, position);
    const LogPiece all{bytes, true, piece.type};
    std::optional<std::string> covered;
    if (const std::size_t size = all.whole_part(); size > 0)
      covered = all.covered().substr(0, size + 1);
    else if (piece.in_block && piece.bytes.size() <= bytes.size())
      covered = corrected_piece(piece);
    if (!covered) covered = corrected_piece(all);
    if (!covered || covered->empty()) return false;
    const LogPiece corrected{{}, true, static_cast<LogPieceType>(covered->front())};
    if (!corrected.is_known()) return false;
    ++findings_.corrected;
    take(corrected.type, std::string_view(*covered).substr(1));
    return true;
  }

  void take(LogPieceType type, std::string_view data) {
    findings_.damaged_at_its_end = false;
    const bool begins = type == LogPieceType::full || type == LogPieceType::first;
    if (begins) {
      finish_record();
      intact_ = true;
    } else if (!in_record_) {
      intact_ = false;
    }
    record_.append(data);
    in_record_ = true;
    if (type == LogPieceType::full || type == LogPieceType::last) finish_record();
  }

  void finish_record() {
    if (!in_record_) return;
    const bool whole =
        intact_ && read_write_batch(record_, [this](const StoredEntry& entry) { visitor_.entry(entry); });
    if (whole) {
      ++findings_.intact;
    } else {
      if (intact_) ++findings_.damaged;
      read_write_batch(record_, [this](const StoredEntry& entry) { visitor_.doubtful_entry(entry); });
      visitor_.unreadable(record_);
    }
    record_.clear();
    in_record_ = false;
  }

  std::string_view log_;
  EntryVisitor& visitor_;
  std::size_t end_;
  FileFindings findings_;
  std::string record_;  // as far as it has come
  bool in_record_ = false;
  bool intact_ = false;  // of `record_`
};

}  // namespace

FileFindings read_log(std::string_view log, EntryVisitor& visitor) { return LogReader(log, visitor).read(); }

}  // namespace pbxbridge::spool::salvage
