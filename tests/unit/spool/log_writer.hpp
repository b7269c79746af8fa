#pragma once

#include "spool/log/byte_codec.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/store/rocksdb/log_format.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace pbxbridge::spool {

/// A log as RocksDB writes it, with records of bytes that are not zero.
class LogWriter {
 public:
  static constexpr std::size_t filled_ahead = 100'000;

  /// Returns where it begins.
  std::size_t add(std::size_t size) {
    fill_block_before_header();
    const std::size_t start = log_.size();
    for (bool is_first = true; is_first || size > 0; is_first = false) {
      fill_block_before_header();
      const std::size_t fitting = std::min(size, log_block_size - log_.size() % log_block_size - log_header_size);
      add_piece(fitting, is_first, fitting == size);
      size -= fitting;
    }
    return start;
  }
  const std::string& log() const { return log_; }
  std::size_t size() const { return log_.size(); }

  /// Returns the log that there would be had only the first `size` bytes reached the disk.
  std::string cut(std::size_t size) const {
    return log_.substr(0, size) + std::string(log_.size() - size + filled_ahead, '\0');
  }

 private:
  void fill_block_before_header() {
    const std::size_t left = log_block_size - log_.size() % log_block_size;
    if (left < log_header_size) log_.append(left, '\0');
  }
  void add_piece(std::size_t size, bool is_first, bool is_last) {
    const char type = is_first ? (is_last ? 1 : 2) : (is_last ? 4 : 3);
    const std::string data = type + std::string(size, 'x');
    put(log_, masked_crc(crc32c(data)));
    put(log_, static_cast<std::uint16_t>(size));
    log_.append(data);
  }

  std::string log_;
};

}  // namespace pbxbridge::spool
