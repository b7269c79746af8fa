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

  /// Writes it to stable storage before it returns.
  Result<void> set(const std::string& text) const;
  /// Empty where it is not set.
  std::string text() const;
  void clear() const;

 private:
  std::filesystem::path file_;
};

/// A store that was made of a damaged one is taking its place, and the name that the damaged one gets in quarantine.
inline FileMark exchange_mark(const std::filesystem::path& spool_directory) {
  return FileMark(spool_directory / "salvaged.exchange");
}

}  // namespace pbxbridge::spool
