#pragma once

#include <filesystem>
#include <string_view>

namespace pbxbridge::bench {

/// A whole file as text, read as it is looked at.
class MappedFile {
 public:
  /// Throws std::system_error where it cannot be read.
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace pbxbridge::bench
