#pragma once

#include "pbxbridge/error.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace pbxbridge::spool {

/// Says on the disk that a store is being mended, and why, until what it has lost is written down in the store itself:
/// whoever opens it in between would find it sound.
class MendingMark {
 public:
  explicit MendingMark(const std::filesystem::path& spool_directory) : file_(spool_directory / "mending") {}

  /// On stable storage when it returns.
  Result<void> set(const std::string& why) const;
  /// Why; empty where it is not set.
  std::string why() const;
  void clear() const;

 private:
  std::filesystem::path file_;
};

}  // namespace pbxbridge::spool
