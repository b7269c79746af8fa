#pragma once

#include "simulator/record/recording.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// A recording that is being written, or another text of lines. What a line holds is in the file once it is added: if
/// the process ends, the file ends with a whole line.
class RecordingFile {
 public:
  /// Makes the file, for its owner alone to read. Throws std::system_error where it cannot, or where it exists already.
  explicit RecordingFile(const std::filesystem::path& file);
  ~RecordingFile();
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  /// Throws std::system_error where it cannot be written.
  void add_line(std::string_view line);
  const std::filesystem::path& path() const { return file_; }

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace pbxbridge::sim
