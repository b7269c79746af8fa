#pragma once

#include <filesystem>

namespace pbxbridge::spool {

/// Returns whether the path still leads to the file or directory that is open as `descriptor`; false only where it is
/// certain that it does not. An open descriptor keeps the number of the file from being given again.
bool leads_to(const std::filesystem::path& path, int descriptor);

/// A directory as it was when this object was made, and whether its path still leads there.
class DirectoryInPlace {
 public:
  explicit DirectoryInPlace(std::filesystem::path path);
  ~DirectoryInPlace();
  DirectoryInPlace(const DirectoryInPlace&) = delete;
  DirectoryInPlace& operator=(const DirectoryInPlace&) = delete;

  bool is_in_place() const { return descriptor_ < 0 || leads_to(path_, descriptor_); }

 private:
  const std::filesystem::path path_;
  const int descriptor_;
};

}  // namespace pbxbridge::spool
