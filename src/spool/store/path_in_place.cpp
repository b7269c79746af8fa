#include "spool/store/path_in_place.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pbxbridge::spool {

bool leads_to(const std::filesystem::path& path, int descriptor) {
  struct stat opened {};
  struct stat found {};
  if (::fstat(descriptor, &opened) != 0) return true;
  // Network storage that does not answer is no proof.
  if (::stat(path.c_str(), &found) != 0) return errno != ENOENT && errno != ENOTDIR;
  return found.st_dev == opened.st_dev && found.st_ino == opened.st_ino;
}

DirectoryInPlace::DirectoryInPlace(std::filesystem::path path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

DirectoryInPlace::~DirectoryInPlace() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pbxbridge::spool
