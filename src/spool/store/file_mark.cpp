#include "spool/store/file_mark.hpp"

#include "spool/store/file_owner.hpp"
#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::spool {

Result<void> FileMark::set(const std::string& text) const {
  const int descriptor = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  const bool set = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) == std::ssize(text) &&
                   ::fsync(descriptor) == 0 && sync_directory(file_.parent_path());
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  give_to_owner_of(file_.parent_path(), file_);
  if (set) return {};
  clear();
  return system_error(fmt::format("cannot write {}", file_.string()), error);
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
