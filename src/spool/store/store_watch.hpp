#pragma once

#include "pbxbridge/error.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/path_in_place.hpp"
#include "spool/store/spool_lock.hpp"

#include <filesystem>
#include <optional>

namespace pbxbridge::spool {

/// Notices that somebody has removed, moved or replaced the files of a spool in use. The system lets a process go on
/// writing to such files, each write and fsync succeeds, and no later process finds what they held. Holds the spool's
/// lock, and takes it again where its file was removed. Of one thread.
class StoreWatch {
 public:
  StoreWatch(std::filesystem::path directory, SpoolLock lock);

  /// The directory of the store is from now on the one that is there.
  void store_opened();

  /// The path no longer leads to the spool, or another process has taken it: nothing may be opened there any more.
  std::optional<Error> spool_is_gone();
  /// The store's directory is not the one that was opened. Its files are none of the open store's.
  bool store_is_replaced() const { return store_ && !store_->is_in_place(); }
  /// The store is replaced, or lacks a file.
  std::optional<Error> store_is_damaged(BatchStore& store) const;

 private:
  const std::filesystem::path directory_;
  const DirectoryInPlace spool_;
  std::optional<DirectoryInPlace> store_;
  std::optional<SpoolLock> lock_;
};

}  // namespace pbxbridge::spool
