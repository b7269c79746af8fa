#pragma once

#include <cstddef>
#include <filesystem>

namespace pbxbridge::spool {

/// Counts on the disk how often a store's opening has ended the process by abort(): Debian's RocksDB keeps its
/// assertions, and a few bits of a table, flipped, lead to one before any checksum is looked at. Without a count that
/// would be a process that ends at each start. A kill or an error that is returned does not count.
///
/// While it lives, abort() is noted; one at a time, on any thread. Once a store is open, `all_is_well`.
class AbortWatch {
 public:
  explicit AbortWatch(const std::filesystem::path& spool_directory);
  ~AbortWatch();
  AbortWatch(const AbortWatch&) = delete;
  AbortWatch& operator=(const AbortWatch&) = delete;

  /// One may have been for lack of memory.
  static constexpr std::size_t too_many = 2;
  /// In a row, since the last time all was well.
  std::size_t aborts() const;
  void all_is_well() const;

 private:
  std::filesystem::path file_;  // a byte for each
  void (*previous_handler_)(int);
};

}  // namespace pbxbridge::spool
