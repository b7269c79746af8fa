#include "spool/store/rocksdb/log_tail.hpp"

#include "spool/store/rocksdb/log_format.hpp"

namespace pbxbridge::spool {

std::size_t readable_size(std::string_view log) {
  const std::size_t written = log.find_last_not_of('\0') + 1;
  std::size_t record = 0;
  bool in_record = false;
  for (std::size_t position = 0; position < written;) {
    const std::size_t left = log_block_size - position % log_block_size;
    if (left < log_header_size) {
      position += left;
      continue;
    }
    if (!in_record) record = position;
    if (written < position + log_header_size) return record;
    const LogPiece piece = log_piece_at(log, position);
    if (!piece.is_known() || !piece.in_block || piece.begins() == in_record) return log.size();
    const std::size_t end = position + piece.bytes.size();
    if (!piece.is_whole()) return written < end && piece.whole_part() == 0 ? record : log.size();
    in_record = piece.goes_on();
    position = end;
  }
  return in_record ? record : log.size();
}

}  // namespace pbxbridge::spool
