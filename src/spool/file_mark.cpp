#include "spool/file_mark.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::spool {

namespace {

bool sync(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

}  // namespace

Result<void> FileMark::set(const std::string& text) const {
  std::ofstream out(file_, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out && sync(file_) && sync(file_.parent_path())) return {};
  const int error = errno;
  clear();
  return Error{ErrorCategory::storage, fmt::format("cannot write {}: {}", file_.string(), std::strerror(error))};
}

std::string FileMark::text() const {
  std::ifstream in(file_, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void FileMark::clear() const {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace pbxbridge::spool
