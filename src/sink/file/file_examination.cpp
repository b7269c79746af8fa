#include "sink/file/file_examination.hpp"

#include "sink/file/trusted_open.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::sink {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t little_space = 100 * mebibyte;

/// Nothing where the file can be written to, or made.
std::string why_not_writable(const fs::path& path, const fs::path& directory) {
  std::error_code failed;
  if (fs::exists(path, failed)) {
    const auto descriptor = open_trusted(path);
    if (!descriptor) return descriptor.error().text;
    ::close(*descriptor);
    return {};
  }
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
  return fmt::format("no file can be made in {}: {}", directory.string(), std::generic_category().message(errno));
}

}  // namespace

void examine_file(const FileSettings& settings, Findings& findings) {
  std::error_code failed;
  const fs::path path = fs::absolute(settings.path, failed);
  const fs::path directory = path.parent_path();
  if (const std::string why = why_not_writable(path, directory); !why.empty())
    findings.error("writable", why, "make the directory, and give it to the user that pbxbridge runs as");
  else
    findings.ok("writable", path.string());
  const auto space = fs::space(directory, failed);
  if (failed) return;
  const std::string words = fmt::format("{} MiB free", space.available / mebibyte);
  if (space.available < little_space)
    findings.warning("space", words, "make room on the disk, or have old files removed (keep_files)");
  else
    findings.ok("space", words);
}

}  // namespace pbxbridge::sink
