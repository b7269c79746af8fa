#include "spool/store/ballast.hpp"

#include "spool/store/file_owner.hpp"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::spool {

void Ballast::take(std::uint64_t besides) const {
  std::error_code ignored;
  if (std::filesystem::file_size(file_, ignored) == bytes_) return;
  const auto space = std::filesystem::space(file_.parent_path(), ignored);
  if (ignored || space.available < 2 * bytes_ + besides) return;
  const int descriptor = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return;
  give_to_owner_of(file_.parent_path(), file_);
  const bool taken = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes_)) == 0;
  ::close(descriptor);
  if (!taken) static_cast<void>(release());
}

bool Ballast::release() const {
  std::error_code ignored;
  return std::filesystem::remove(file_, ignored);
}

}  // namespace pbxbridge::spool
