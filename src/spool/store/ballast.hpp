#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

namespace pbxbridge::spool {

/// Ballast of the spool in that directory.
inline std::filesystem::path ballast_file(const std::filesystem::path& spool_directory) {
  return spool_directory / "ballast";
}

/// Space that is kept on the disk while there is some, so that there is room to make room when it is full.
class Ballast {
 public:
  Ballast(std::filesystem::path file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}

  /// Takes the space, unless it has it or less than as much again and `besides` would be left.
  void take(std::uint64_t besides) const;
  /// False where it had none.
  bool release() const;

 private:
  std::filesystem::path file_;
  std::uint64_t bytes_;
};

}  // namespace pbxbridge::spool
