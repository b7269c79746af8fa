#include "spool/store/rocksdb/log_format.hpp"

#include "spool/log/crc32c.hpp"

#include <algorithm>
#include <cstring>

namespace pbxbridge::spool {

std::uint32_t LogPiece::checksum() const {
  std::uint32_t stored = 0;
  std::memcpy(&stored, bytes.data(), sizeof stored);
  return stored;
}

bool LogPiece::is_whole() const { return masked_crc(crc32c(covered())) == checksum(); }

std::size_t LogPiece::whole_part() const {
  std::uint32_t crc = 0;
  const std::string_view all = covered();
  for (std::size_t at = 0; at < all.size(); ++at) {
    crc = crc32c(all.substr(at, 1), crc);
    if (masked_crc(crc) == checksum()) return at;
  }
  return 0;
}

LogPiece log_piece_at(std::string_view log, std::size_t position) {
  const std::string_view rest = log.substr(position, log_block_size - position % log_block_size);
  std::uint16_t data_size = 0;
  std::memcpy(&data_size, rest.data() + sizeof(std::uint32_t), sizeof data_size);
  const std::size_t size = log_header_size + data_size;
  return {rest.substr(0, size), size <= rest.size(), static_cast<LogPieceType>(rest[log_header_size - 1])};
}

std::size_t next_intact_piece(std::string_view log, std::size_t position) {
  const std::size_t block_end = std::min(position - position % log_block_size + log_block_size, log.size());
  for (++position; position + log_header_size <= block_end; ++position)
    if (log_piece_at(log, position).is_intact()) return position;
  return block_end;
}

}  // namespace pbxbridge::spool
