#include "spool/store/spool_lock.hpp"

#include "spool/store/file_owner.hpp"
#include "spool/store/format_check.hpp"
#include "spool/store/path_in_place.hpp"
#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pbxbridge::spool {

namespace {

std::filesystem::path lock_file(const std::filesystem::path& directory) { return directory / "lock"; }

/// A lock of the open file rather than of the process, so that one process cannot hold it twice either.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string holder(int descriptor) {
  std::array<char, 128> text{};
  const auto size = pread(descriptor, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "another process";
}

void write_holder(int descriptor) {
  std::array<char, 64> host{};
  gethostname(host.data(), host.size() - 1);
  const std::string text = fmt::format("process {} on {}", getpid(), host.data());
  // The text is for the message of a second process only: the lock holds without it.
  if (ftruncate(descriptor, 0) == 0) static_cast<void>(pwrite(descriptor, text.data(), text.size(), 0) < 0);
}

/// Error of a place in which this process may not write: it names who may, as a volume or a service's user is set from
/// outside.
Error not_writable(const std::filesystem::path& directory, const std::string& attempt, int error) {
  struct stat owner {};
  if ((error != EACCES && error != EPERM) || ::stat(directory.c_str(), &owner) != 0)
    return system_error(attempt, error);
  return Error{
      ErrorCategory::storage,
      fmt::format("{}: user {} of group {} may not write in {}, which belongs to user {} of group {} (mode {:o}); "
                  "let that user own it, or run pbxbridge as its owner",
                  attempt, geteuid(), getegid(), directory.string(), owner.st_uid, owner.st_gid,
                  owner.st_mode & 07777U)};
}

}  // namespace

Result<SpoolLock> SpoolLock::take(const std::filesystem::path& directory) {
  if (auto checked = check_format(directory); !checked) return checked.error();
  std::error_code failed;
  // Calls and numbers of people are in there.
  if (std::filesystem::create_directories(directory, failed))
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
  if (failed)
    return not_writable(directory.parent_path(), fmt::format("cannot make the directory {}", directory.string()),
                        failed.value());
  const int descriptor = ::open(lock_file(directory).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0)
    return not_writable(directory, fmt::format("cannot open {}", lock_file(directory).string()), errno);
  give_to_owner_of(directory, lock_file(directory));
  SpoolLock lock(descriptor);
  struct flock wanted = whole_file();
  if (fcntl(descriptor, F_OFD_SETLK, &wanted) != 0)
    return Error{ErrorCategory::storage,
                 fmt::format("the spool in {} is in use by {}", directory.string(), holder(descriptor))};
  write_holder(descriptor);
  return lock;
}

bool SpoolLock::is_held(const std::filesystem::path& directory) {
  const int descriptor = ::open(lock_file(directory).c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock found = whole_file();
  const bool held = fcntl(descriptor, F_OFD_GETLK, &found) == 0 && found.l_type != F_UNLCK;
  ::close(descriptor);
  return held;
}

bool SpoolLock::is_in_place(const std::filesystem::path& directory) const {
  return leads_to(lock_file(directory), descriptor_);
}

SpoolLock::~SpoolLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

SpoolLock::SpoolLock(SpoolLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace pbxbridge::spool
