#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>
#include <rocksdb/status.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace pbxbridge::spool {

namespace {

std::string words_of(int error) { return std::generic_category().message(error); }

/// Those that RocksDB keeps as the words for them and nothing else (IOError in env/io_posix.h), also within the words
/// of a status that it makes of several.
StorageCause cause_in_words(const std::string& text) {
  constexpr std::array errors = {EACCES, EPERM,  EROFS, EMFILE, ENFILE, EIO,
                                 EDQUOT, ENOSPC, EFBIG, ENOMEM, ENXIO,  ESTALE};
  for (const int error : errors)
    if (text.find(": " + words_of(error)) != std::string::npos) return cause_of(error);
  return StorageCause::other;
}

}  // namespace

StorageCause cause_of(int error) {
  switch (error) {
    case ENOENT:
      return StorageCause::missing;
    case ENOSPC:
    case EDQUOT:
      return StorageCause::full;
    case EFBIG:
      return StorageCause::file_size;
    case EACCES:
    case EPERM:
    case EROFS:
      return StorageCause::permission;
    case EMFILE:
    case ENFILE:
      return StorageCause::descriptors;
    case ENOMEM:
      return StorageCause::memory;
    case EIO:
    case ENXIO:
    case ESTALE:
      return StorageCause::device;
    default:
      return StorageCause::other;
  }
}

StorageCause cause_of(const rocksdb::Status& status) {
  if (status.ok()) return StorageCause::other;
  if (status.IsNoSpace()) return StorageCause::full;
  if (const auto rejected = cause_in_words(status.ToString()); rejected != StorageCause::other) return rejected;
  if (status.IsPathNotFound()) return StorageCause::missing;
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsNotFound()) return StorageCause::damage;
  return StorageCause::other;
}

Error system_error(std::string_view what, int error) {
  return {.category = ErrorCategory::storage,
          .text = fmt::format("{}: {}", what, words_of(error)),
          .cause = cause_of(error)};
}

Error storage_error(std::string_view what, const rocksdb::Status& status) {
  return {.category = ErrorCategory::storage,
          .text = fmt::format("{}: {}", what, status.ToString()),
          .cause = cause_of(status)};
}

}  // namespace pbxbridge::spool
