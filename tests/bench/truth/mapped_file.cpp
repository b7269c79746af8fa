#include "truth/mapped_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::bench {

MappedFile::MappedFile(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0)
    throw std::system_error(errno, std::generic_category(), file.string());
  const auto size = static_cast<std::size_t>(status.st_size);
  void* begin = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  if (begin == MAP_FAILED) throw std::system_error(error, std::generic_category(), file.string());
  text_ = {static_cast<const char*>(begin), size};
}

MappedFile::~MappedFile() {
  if (!text_.empty()) ::munmap(const_cast<char*>(text_.data()), text_.size());
}

}  // namespace pbxbridge::bench
