#pragma once

#include "pbxbridge/error.hpp"

#include <filesystem>

namespace pbxbridge::spool {

/// One process at a time writes to a spool. Held until this object goes; the kernel lets go of it when a process dies.
class SpoolLock {
 public:
  /// Makes the directory if need be. Where another process holds the lock, the error says which. A spool of a newer
  /// format is rejected before anything is changed in it, the file of the lock included.
  static Result<SpoolLock> take(const std::filesystem::path& directory);
  /// Returns whether some process holds it now.
  static bool is_held(const std::filesystem::path& directory);

  /// Returns whether a second process that asks for it would meet this one.
  bool is_in_place(const std::filesystem::path& directory) const;

  ~SpoolLock();
  SpoolLock(SpoolLock&& other) noexcept;
  SpoolLock& operator=(SpoolLock&&) = delete;

 private:
  explicit SpoolLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace pbxbridge::spool
