#pragma once

#include "support/temporary_directory.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace pbxbridge::test {

/// A disk of a few MiB, in memory. Whoever uses it ends before this object.
class SmallDisk {
 public:
  /// Null where this process may not mount.
  static std::unique_ptr<SmallDisk> mount(std::uint64_t mebibytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  std::filesystem::path path() const { return directory_.path(); }
  /// Takes so much of it away, and gives it back.
  void fill(std::uint64_t mebibytes) const;
  /// Takes all that is left.
  void fill_up() const;
  void give_back() const;

 private:
  SmallDisk() = default;

  TemporaryDirectory directory_;
};

}  // namespace pbxbridge::test
