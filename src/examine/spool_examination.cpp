#include "examine/spool_examination.hpp"

#include "examine/file_system.hpp"
#include "examine/sync_times.hpp"
#include "spool/store/disk_space.hpp"
#include "spool/store/format_check.hpp"
#include "spool/store/spool_lock.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pwd.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::examine {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t sync_tries = 200;
constexpr std::chrono::milliseconds sync_limit{10'000};
/// Then each event waits so long before a sink sees it.
constexpr std::chrono::milliseconds slow_sync{100};

std::string user_name(uid_t user) {
  const passwd* const entry = ::getpwuid(user);
  return entry == nullptr ? fmt::format("user {}", user) : std::string(entry->pw_name);
}

std::string in_mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes / spool::mebibyte); }

/// Bytes of the files that are in there already.
std::uint64_t taken_by(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code unreadable;
  for (fs::recursive_directory_iterator each(directory, unreadable), end; !unreadable && each != end;
       each.increment(unreadable)) {
    std::error_code gone;
    if (each->is_regular_file(gone))
      if (const auto size = each->file_size(gone); !gone) bytes += size;
  }
  return bytes;
}

class SpoolExamination {
 public:
  SpoolExamination(const config::SpoolConfig& spool, Findings& findings) : spool_(spool), findings_(findings) {}

  void run() {
    if (spool_.type == config::SpoolType::memory)
      return findings_.warning("type", "it is in memory: what is not delivered when pbxbridge ends is lost",
                               "set spool.type to disk where that must not be");
    if (!find_directory()) return;
    if (exists_ && spool::SpoolLock::is_held(spool_.path))
      findings_.ok("use", "a running pbxbridge uses it: only its directory is examined");
    if (const auto known = spool::check_format(spool_.path); !known)
      return findings_.error("format", known.error().text, "update this pbxbridge, or set another spool.path");
    tell_file_system();
    tell_space();
    measure();
  }

 private:
  /// The spool makes what is missing of its path, so the nearest directory above counts.
  bool find_directory() {
    std::error_code failed;
    directory_ = fs::absolute(spool_.path, failed);
    exists_ = fs::is_directory(directory_, failed);
    while (!fs::exists(fs::symlink_status(directory_, failed)) && directory_.has_relative_path())
      directory_ = directory_.parent_path();
    const fs::path real = fs::canonical(directory_, failed);
    if (failed || !fs::is_directory(real, failed)) {
      findings_.error("directory",
                      fmt::format("{} is not a directory that can be used{}", directory_.string(),
                                  failed ? ": " + failed.message() : std::string()),
                      "correct spool.path, or make a directory there");
      return false;
    }
    directory_ = real;
    return true;
  }

  void tell_file_system() {
    std::ifstream mounts("/proc/self/mountinfo");
    const std::string text{std::istreambuf_iterator<char>(mounts), std::istreambuf_iterator<char>()};
    const std::string type = file_system_type(text, directory_);
    if (type.empty()) return findings_.warning("file system", "its type cannot be told", "look at /proc/mounts");
    const std::string_view risk = file_system_risk(type);
    if (risk.empty())
      findings_.ok("file system", type);
    else
      findings_.warning("file system", fmt::format("{}: {}", type, risk),
                        "put spool.path on a local disk, or a volume of one");
  }

  void tell_space() {
    std::error_code failed;
    const auto space = fs::space(directory_, failed);
    if (failed)
      return findings_.error("space", "the free space cannot be told: " + failed.message(), "look at the disk");
    const std::uint64_t needed = spool_.max_bytes() + spool_.max_bytes() / 5;
    const std::uint64_t room = space.available + (exists_ ? taken_by(directory_) : 0);
    const std::string words =
        fmt::format("{} free for a spool that may need {}", in_mebibytes(space.available), in_mebibytes(needed));
    if (space.available < spool::DiskSpace::reserve_bytes)
      findings_.error("space",
                      fmt::format("{}; with less than {} no event is accepted", words,
                                  in_mebibytes(spool::DiskSpace::reserve_bytes)),
                      "make room on the disk");
    else if (room < needed)
      findings_.warning("space", words, "make room on the disk, or lower spool.max_size");
    else
      findings_.ok("space", words);
  }

  void measure() {
    const auto times = measure_syncs(directory_, sync_tries, sync_limit);
    const std::string user = user_name(::geteuid());
    if (!times)
      return findings_.error("writable", fmt::format("{} (as {})", times.error().text, user),
                             times.error().cause == StorageCause::permission
                                 ? fmt::format("run this as the user of the service, or give it the directory: "
                                               "chown -R {} {}",
                                               ::geteuid() == 0 ? "USER" : user, spool_.path.string())
                                 : "make room on the disk, or look at it");
    findings_.ok("writable",
                 fmt::format("{}, as {}{}", directory_.string(), user, exists_ ? owner(user) : to_be_made()));
    const auto at = [&](double quantile) {
      const auto index = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(times->size()))) - 1;
      return std::chrono::duration<double, std::milli>((*times)[index]).count();
    };
    const std::string words =
        fmt::format("p50 {:.2f} ms, p99 {:.2f} ms, of {} tries with 4 KiB", at(0.5), at(0.99), times->size());
    if (at(0.99) > static_cast<double>(slow_sync.count()))
      findings_.warning("fsync", words + ": events wait so long before a sink sees them",
                        "use a faster disk, or one that nobody else writes to");
    else
      findings_.ok("fsync", words);
  }

  std::string owner(const std::string& user) const {
    struct stat status {};
    if (::stat(directory_.c_str(), &status) != 0 || user_name(status.st_uid) == user) return {};
    return fmt::format("; it belongs to {}", user_name(status.st_uid));
  }

  std::string to_be_made() const {
    return fmt::format("; {} does not exist yet, and is made at the first start", spool_.path.string());
  }

  const config::SpoolConfig& spool_;
  Findings& findings_;
  fs::path directory_;
  bool exists_ = false;  // the directory of the configuration itself
};

}  // namespace

void examine_spool(const config::SpoolConfig& spool, Findings& findings) { SpoolExamination(spool, findings).run(); }

}  // namespace pbxbridge::examine
