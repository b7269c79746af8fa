#include "spool/store/store_watch.hpp"

#include "spool/store/rocksdb/store_database.hpp"

#include <fmt/format.h>

#include <utility>

namespace pbxbridge::spool {

StoreWatch::StoreWatch(std::filesystem::path directory, SpoolLock lock)
    : directory_(std::move(directory)), spool_(directory_), lock_(std::move(lock)) {
  store_opened();
}

void StoreWatch::store_opened() { store_.emplace(store_directory(directory_)); }

std::optional<Error> StoreWatch::spool_is_gone() {
  if (!spool_.is_in_place())
    return Error{ErrorCategory::storage,
                 fmt::format("the directory {} was removed, moved or replaced while pbxbridge was using it",
                             directory_.string())};
  if (lock_ && lock_->is_in_place(directory_)) return std::nullopt;
  lock_.reset();
  auto taken = SpoolLock::take(directory_);
  if (!taken) return taken.error();
  lock_.emplace(std::move(taken.value()));
  return std::nullopt;
}

std::optional<Error> StoreWatch::store_is_damaged(BatchStore& store) const {
  if (store_is_replaced())
    return Error{ErrorCategory::storage,
                 fmt::format("the directory {} was removed, moved or replaced", store_directory(directory_).string())};
  if (const auto file = store.missing_file())
    return Error{ErrorCategory::storage,
                 fmt::format("the file {} was removed", (store_directory(directory_) / *file).string())};
  return std::nullopt;
}

}  // namespace pbxbridge::spool
