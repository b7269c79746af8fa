#include "spool/log_tail.hpp"

#include "spool/crc32c.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace pbxbridge::spool {

namespace {

// A log is blocks of 32 KiB; what a block has left that is too short for a header is not used. A record is written as
// pieces, each in one block:
//   u32 masked CRC-32C of type and data, u16 size of the data, u8 type, data
// Numbers are little-endian. The types of logs that are written over (5 and up) are not ours: a log is written once.

constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;
constexpr std::size_t type_at = 6;

enum class Type : std::uint8_t { full = 1, first = 2, middle = 3, last = 4 };

/// RocksDB's own, so that a checksum of data that holds checksums is none of them.
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

struct Piece {
  std::string_view bytes;  // to its end, as its header has it
  bool in_block = false;   // and that is in its block and in the file
  Type type{};

  std::uint32_t checksum() const {
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes.data(), sizeof stored);
    return stored;
  }
  bool is_whole() const { return masked(crc32c(bytes.substr(type_at))) == checksum(); }
  /// Whether it would be whole if it were shorter: then it is its size that was damaged.
  bool is_whole_in_part() const {
    std::uint32_t crc = 0;
    return std::any_of(bytes.begin() + type_at, bytes.end(), [&](const char& byte) {
      crc = crc32c(std::string_view(&byte, 1), crc);
      return masked(crc) == checksum();
    });
  }
  bool is_known() const { return type >= Type::full && type <= Type::last; }
  bool begins() const { return type == Type::full || type == Type::first; }
  bool goes_on() const { return type == Type::first || type == Type::middle; }
};

/// `log` holds its header.
Piece piece_at(std::string_view log, std::size_t position) {
  const std::string_view rest = log.substr(position, block_size - position % block_size);
  std::uint16_t data_size = 0;
  std::memcpy(&data_size, rest.data() + sizeof(std::uint32_t), sizeof data_size);
  const std::size_t size = header_size + data_size;
  return {rest.substr(0, size), size <= rest.size(), static_cast<Type>(rest[type_at])};
}

}  // namespace

std::size_t readable_size(std::string_view log) {
  const std::size_t written = log.find_last_not_of('\0') + 1;
  std::size_t record = 0;
  bool in_record = false;
  for (std::size_t position = 0; position < written;) {
    const std::size_t left = block_size - position % block_size;
    if (left < header_size) {
      position += left;
      continue;
    }
    if (!in_record) record = position;
    if (written < position + header_size) return record;
    const Piece piece = piece_at(log, position);
    if (!piece.is_known() || !piece.in_block || piece.begins() == in_record) return log.size();
    const std::size_t end = position + piece.bytes.size();
    if (!piece.is_whole()) return written < end && !piece.is_whole_in_part() ? record : log.size();
    in_record = piece.goes_on();
    position = end;
  }
  return in_record ? record : log.size();
}

}  // namespace pbxbridge::spool
