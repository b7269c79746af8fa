#include "spool/store/file_owner.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pbxbridge::spool {

void give_to_owner_of(const std::filesystem::path& directory, const std::filesystem::path& file) {
  struct stat owner {};
  struct stat made {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &owner) != 0 || ::lstat(file.c_str(), &made) != 0) return;
  if (owner.st_uid == made.st_uid && owner.st_gid == made.st_gid) return;
  // After a failure the service says which file it may not open.
  static_cast<void>(::lchown(file.c_str(), owner.st_uid, owner.st_gid) != 0);
}

bool sync_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return synced;
}

}  // namespace pbxbridge::spool
