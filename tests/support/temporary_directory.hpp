#pragma once

#include <filesystem>

namespace pbxbridge::test {

/// A fresh directory that goes with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  /// Returns a path in that directory.
  explicit TemporaryDirectory(const std::filesystem::path& parent);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace pbxbridge::test
