#include "spool/store/rocksdb/hidden_damage.hpp"

#include "spool/store/rocksdb/log_format.hpp"

#include <algorithm>

namespace pbxbridge::spool {

bool hides_damage(std::string_view log) {
  std::size_t position = 0;
  while (position + log_header_size <= log.size()) {
    const std::size_t left = log_block_size - position % log_block_size;
    if (left < log_header_size) {
      position += left;
      continue;
    }
    const LogPiece piece = log_piece_at(log, position);
    if (!piece.is_intact()) {
      const std::size_t block_end = std::min(position + left, log.size());
      return piece.is_of_a_recycled_log() || piece.whole_part() > 0 || next_intact_piece(log, position) < block_end;
    }
    position += piece.bytes.size();
  }
  return false;
}

}  // namespace pbxbridge::spool
