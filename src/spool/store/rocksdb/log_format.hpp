#pragma once

// RocksDB's logs: blocks of 32 KiB; what a block has left that is too short for a header is not used. A record is
// written as pieces, each in one block:
//   u32 masked CRC-32C of type and data, u16 size of the data, u8 type, data
// Numbers are little-endian. The types of logs that are written over (5 to 8) are not ours: a log is written once.
// Manifests have the same form.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pbxbridge::spool {

inline constexpr std::size_t log_block_size = 32 * 1024;
inline constexpr std::size_t log_header_size = 7;

enum class LogPieceType : std::uint8_t { full = 1, first = 2, middle = 3, last = 4 };

struct LogPiece {
  std::string_view bytes;  ///< to its end, as its header has it
  bool in_block = false;   ///< and that is in its block and in the file
  LogPieceType type{};

  std::string_view data() const { return bytes.substr(log_header_size); }
  /// Bytes that its checksum covers.
  std::string_view covered() const { return bytes.substr(log_header_size - 1); }
  std::uint32_t checksum() const;  ///< as stored
  bool is_whole() const;
  /// The size of the data with which it would be whole; 0: none. Then it is its size that was damaged.
  std::size_t whole_part() const;
  bool is_intact() const { return is_known() && in_block && is_whole(); }
  bool is_known() const { return type >= LogPieceType::full && type <= LogPieceType::last; }
  /// Says whether it has a type that only a flipped bit gives to pieces of ours.
  bool is_of_a_recycled_log() const { return type >= LogPieceType{5} && type <= LogPieceType{8}; }
  bool begins() const { return type == LogPieceType::full || type == LogPieceType::first; }
  bool goes_on() const { return type == LogPieceType::first || type == LogPieceType::middle; }
};

/// `log` holds its header.
LogPiece log_piece_at(std::string_view log, std::size_t position);

/// Position of the first intact piece after `position` in the same block; the end of the block, or of the log, where
/// there is none.
std::size_t next_intact_piece(std::string_view log, std::size_t position);

}  // namespace pbxbridge::spool
