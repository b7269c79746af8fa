#include "config/schema/exposure.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace pbxbridge::config {

namespace {

namespace fs = std::filesystem;

/// Returns the mode; 0 where the path cannot be looked at.
mode_t mode_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

/// Returns the path without links, as far as it exists.
std::optional<fs::path> real_path(const fs::path& path) {
  std::error_code failed;
  const auto real = fs::weakly_canonical(fs::absolute(path, failed), failed);
  return failed ? std::nullopt : std::optional(real);
}

template <class MayPass>
bool is_reachable(const fs::path& real, MayPass may_pass) {
  for (fs::path above = real; above != above.root_path();) {
    above = above.parent_path();
    struct stat status {};
    if (::stat(above.c_str(), &status) != 0 || !may_pass(status)) return false;
  }
  return true;
}

bool may_everybody_pass(const struct stat& status) { return (status.st_mode & S_IXOTH) != 0; }

/// Returns whether everybody gets to it through the directories above.
bool is_reachable(const fs::path& real) { return is_reachable(real, may_everybody_pass); }

/// Returns whether a group gets to it likewise.
bool is_reachable(const fs::path& real, gid_t group) {
  return is_reachable(real, [group](const struct stat& status) {
    return may_everybody_pass(status) || (status.st_gid == group && (status.st_mode & S_IXGRP) != 0);
  });
}

bool is_own_group(gid_t group) {
  if (group == ::getegid()) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  groups.resize(static_cast<std::size_t>(std::max(::getgroups(static_cast<int>(groups.size()), groups.data()), 0)));
  return std::ranges::find(groups, group) != groups.end();
}

/// Judges the owner and the group of a directory, where it is there. Root may look at what is another user's and is
/// used by that one, so it hears nothing of that.
std::string exposed_to_some(const fs::path& real) {
  struct stat status {};
  if (::stat(real.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return {};
  const bool is_anothers = status.st_uid != 0 && status.st_uid != ::geteuid();
  if (is_anothers && ::geteuid() == 0) return {};
  if (is_anothers)
    return real.native() +
           " belongs to another user, who could remove or replace what it holds; give it to the one who "
           "runs pbxbridge (chown)";
  const bool is_writable = (status.st_mode & S_IWGRP) != 0 && status.st_gid != 0 && !is_own_group(status.st_gid);
  if (is_writable && is_reachable(real, status.st_gid))
    return real.native() +
           " can be written by a group that pbxbridge is not in, whose members could remove or replace "
           "what it holds; take that right away (chmod g-w)";
  return {};
}

/// A group other than root's may have other members.
bool is_changeable(const struct stat& status, bool is_file) {
  const bool writable = (status.st_mode & S_IWOTH) != 0 || ((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0);
  // In a sticky directory others can neither remove nor rename what is not theirs.
  const bool is_sticky = !is_file && (status.st_mode & S_ISVTX) != 0;
  return (writable && !is_sticky) || (status.st_uid != 0 && status.st_uid != ::geteuid());
}

}  // namespace

std::string exposed_to_readers(const fs::path& file) {
  const auto real = real_path(file);
  if (!real) return {};
  const mode_t mode = mode_of(*real);
  if (!S_ISREG(mode) || (mode & S_IROTH) == 0 || !is_reachable(*real)) return {};
  return file.native() +
         " holds a password or token, and every user of this machine can read it; take that right away: chmod o-r " +
         file.native();
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
  return exposed_to_some(*real);
}

std::string changeable_by_others(const fs::path& real) {
  for (fs::path each = real;; each = each.parent_path()) {
    const bool is_file = each == real;
    struct stat status {};
    if (::stat(each.c_str(), &status) != 0) return each.native() + " cannot be looked at";
    if (is_file && !S_ISREG(status.st_mode)) return each.native() + " is not a file";
    if (is_changeable(status, is_file))
      return each.native() + " can be changed by users other than root and pbxbridge's" +
             (is_file ? "" : ", and " + real.native() + " with it") +
             "; give it to root, and take the right away (chmod go-w)";
    if (each == each.root_path()) return {};
  }
}

}  // namespace pbxbridge::config
