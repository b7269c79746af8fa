#pragma once

#include "sink/file/file_settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// Decides when a file has had its time, by size and by period.
class Rotation {
 public:
  explicit Rotation(const FileSettings& settings)
      : max_file_size_(settings.max_file_size), every_(settings.rotate_every) {}

  /// Returns whether the file must be rotated before a line of `next_line` bytes. An empty file never is.
  bool is_due(std::uint64_t size, std::size_t next_line, std::int64_t modified_at, std::int64_t now) const {
    if (size == 0) return false;
    if (max_file_size_ && size + next_line > max_file_size_->bytes) return true;
    return every_ && period_of(modified_at) != period_of(now);
  }
  /// Returns how many bytes may be added to a file of this size.
  std::uint64_t room(std::uint64_t size) const {
    if (!max_file_size_) return UINT64_MAX;
    return max_file_size_->bytes > size ? max_file_size_->bytes - size : 0;
  }

 private:
  std::int64_t period_of(std::int64_t unix_seconds) const { return unix_seconds * 1000 / every_->count(); }

  std::optional<config::ByteSize> max_file_size_;
  std::optional<config::Duration> every_;
};

/// PATH becomes PATH.1, PATH.1 becomes PATH.2 and so on; what was PATH.keep is gone. Returns why PATH is still there.
std::optional<std::string> shift_files(const std::filesystem::path& path, std::uint32_t keep);

}  // namespace pbxbridge::sink
