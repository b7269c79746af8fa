#pragma once

#include "pbxbridge/error.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace pbxbridge::sink {

/// A regular file of whole lines that this process alone appends to (others are kept out by an advisory lock).
/// Errors name the file.
class LineFile {
 public:
  /// Opens or creates it (`open_trusted`). A half line at the end, as a crash leaves it, is cut off.
  static Result<std::unique_ptr<LineFile>> open(const std::filesystem::path& path);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  enum class Trouble : std::uint8_t {
    full,    ///< no room now; nothing of what was to be appended is left behind
    broken,  ///< the file is of no more use
  };
  struct Problem {
    Trouble trouble = Trouble::broken;
    std::string text;
  };

  /// All of it or nothing. `lines` ends with a line break.
  std::optional<Problem> append(std::string_view lines);
  /// An fsync that failed must not be tried again: the kernel may have dropped what it could not write.
  std::optional<Problem> sync();

  struct Status {
    std::uint64_t size = 0;
    std::int64_t modified_at = 0;  ///< UNIX seconds
    bool has_name = true;          ///< false once it was deleted: what is appended can be read by nobody
  };
  Status status() const;
  /// Bytes of a half line that were cut off when opened.
  std::uint64_t cut_off() const { return cut_off_; }

 private:
  LineFile(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::optional<Error> lock();
  std::optional<Error> cut_half_line();

  std::filesystem::path path_;
  int descriptor_;
  std::uint64_t cut_off_ = 0;
};

/// Makes names of files in it durable, as far as the file system can.
void sync_directory(const std::filesystem::path& directory);

}  // namespace pbxbridge::sink
