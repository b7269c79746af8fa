#include "small_disk.hpp"

#include <fcntl.h>
#include <string>
#include <sys/mount.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::test {

std::unique_ptr<SmallDisk> SmallDisk::mount(std::uint64_t mebibytes) {
  std::unique_ptr<SmallDisk> disk(new SmallDisk);
  const auto options = "size=" + std::to_string(mebibytes) + "m";
  if (::mount("pbxbridge-test", disk->path().c_str(), "tmpfs", 0, options.c_str()) != 0) return nullptr;
  return disk;
}

SmallDisk::~SmallDisk() { ::umount2(path().c_str(), MNT_DETACH); }

void SmallDisk::fill(std::uint64_t mebibytes) const {
  const int file = ::open((path() / "filler").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const int error = posix_fallocate(file, 0, static_cast<off_t>(mebibytes * 1024 * 1024));
  ::close(file);
  if (error != 0) throw std::system_error(error, std::generic_category(), "filling a small disk");
}

void SmallDisk::fill_up() const {
  const int file = ::open((path() / "last filler").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  while (::write(file, page.data(), page.size()) > 0) {
  }
  ::close(file);
}

void SmallDisk::give_back() const {
  for (const char* filler : {"filler", "last filler"}) std::filesystem::remove(path() / filler);
}

}  // namespace pbxbridge::test
