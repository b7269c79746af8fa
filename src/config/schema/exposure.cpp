#include "config/schema/exposure.hpp"

#include <optional>
#include <sys/stat.h>
#include <system_error>

namespace pbxbridge::config {

namespace {

namespace fs = std::filesystem;

/// 0 where it cannot be looked at.
mode_t mode_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

/// Without links, as far as it exists.
std::optional<fs::path> real_path(const fs::path& path) {
  std::error_code failed;
  const auto real = fs::weakly_canonical(fs::absolute(path, failed), failed);
  return failed ? std::nullopt : std::optional(real);
}

/// Returns whether everybody gets to it through the directories above.
bool is_reachable(const fs::path& real) {
  for (fs::path above = real; above != above.root_path();) {
    above = above.parent_path();
    if ((mode_of(above) & S_IXOTH) == 0) return false;
  }
  return true;
}

}  // namespace

std::string exposed_to_readers(const fs::path& file) {
  const auto real = real_path(file);
  if (!real) return {};
  const mode_t mode = mode_of(*real);
  if (!S_ISREG(mode) || (mode & S_IROTH) == 0 || !is_reachable(*real)) return {};
  return file.native() + " holds secrets and every user of this machine can read it; take that right away (chmod o-r)";
}

std::string exposed_to_writers(const fs::path& directory) {
  const auto real = real_path(directory);
  if (!real) return {};
  for (fs::path each = *real; each != each.root_path(); each = each.parent_path()) {
    const mode_t mode = mode_of(each);
    // In a sticky directory above, others can neither remove nor rename what is not theirs.
    const bool may_change = (mode & S_IWOTH) != 0 && ((mode & S_ISVTX) == 0 || each == *real);
    if (may_change && is_reachable(each))
      return each.native() + " can be written by every user of this machine, who could remove or replace what " +
             directory.native() + " holds; take that right away (chmod o-w)";
  }
  return {};
}

}  // namespace pbxbridge::config
