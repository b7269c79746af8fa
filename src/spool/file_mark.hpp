#pragma once

#include "pbxbridge/error.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace pbxbridge::spool {

/// A small file that says what is going on, for a later process where this one does not get to the end of it.
class FileMark {
 public:
  explicit FileMark(std::filesystem::path file) : file_(std::move(file)) {}

  /// On stable storage when it returns.
  Result<void> set(const std::string& text) const;
  /// Empty where it is not set.
  std::string text() const;
  void clear() const;

 private:
  std::filesystem::path file_;
};

/// A store is being mended, and why, until what it has lost is written down in the store itself: whoever opens it in
/// between would find it sound.
inline FileMark mending_mark(const std::filesystem::path& spool_directory) {
  return FileMark(spool_directory / "mending");
}

/// A store is being opened for writing. Where it stays, the process has died of it.
inline FileMark opening_mark(const std::filesystem::path& spool_directory) {
  return FileMark(spool_directory / "opening");
}

}  // namespace pbxbridge::spool
