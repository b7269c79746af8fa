#include "sink/file/line_file.hpp"

#include "sink/file/trusted_open.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pbxbridge::sink {

namespace {

std::string reason(int code) { return std::error_code(code, std::generic_category()).message(); }

bool is_lack_of_room(int code) { return code == ENOSPC || code == EDQUOT || code == EFBIG || code == ENOMEM; }

/// Error code, or 0.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

/// Returns the place after the last line break of the first `size` bytes; nothing where they cannot be read.
std::optional<std::uint64_t> end_of_last_line(int descriptor, std::uint64_t size) {
  constexpr std::uint64_t most_at_once = 65'536;
  std::string block;
  for (auto end = size; end > 0; end -= block.size()) {
    block.resize(std::min(end, most_at_once));
    const auto begin = static_cast<off_t>(end - block.size());
    if (::pread(descriptor, block.data(), block.size(), begin) != static_cast<ssize_t>(block.size()))
      return std::nullopt;
    if (const auto found = block.rfind('\n'); found != std::string::npos) return end - block.size() + found + 1;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<LineFile>> LineFile::open(const std::filesystem::path& path) {
  const auto descriptor = open_trusted(path);
  if (!descriptor) return descriptor.error();
  std::unique_ptr<LineFile> file(new LineFile(path, *descriptor));
  if (auto error = file->lock()) return std::move(*error);
  if (auto error = file->cut_half_line()) return std::move(*error);
  return file;
}

LineFile::~LineFile() { ::close(descriptor_); }

std::optional<Error> LineFile::lock() {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return std::nullopt;
  return Error{ErrorCategory::storage, path_.native() + " is being written by another sink or process"};
}

std::optional<Error> LineFile::cut_half_line() {
  const auto size = status().size;
  const auto end = end_of_last_line(descriptor_, size);
  if (end == size) return std::nullopt;
  char first = 0;
  const bool readable = end && ::pread(descriptor_, &first, 1, static_cast<off_t>(*end)) == 1;
  if (!readable) return Error{ErrorCategory::storage, path_.native() + " cannot be read to find its last line"};
  // A line that does not begin as ours do is not ours to cut.
  if (first != '{' && first != '[' && first != '"')
    return Error{ErrorCategory::storage,
                 path_.native() + " does not end with a line break, so it is not a file of pbxbridge; move it away"};
  if (::ftruncate(descriptor_, static_cast<off_t>(*end)) != 0)
    return Error{ErrorCategory::storage,
                 path_.native() + " ends with half a line that cannot be cut off: " + reason(errno)};
  cut_off_ = size - *end;
  return std::nullopt;
}

std::optional<LineFile::Problem> LineFile::append(std::string_view lines) {
  const auto size_before = status().size;
  const int code = write_all(descriptor_, lines);
  if (code == 0) return std::nullopt;
  const auto text = path_.native() + " cannot be written: " + reason(code);
  if (::ftruncate(descriptor_, static_cast<off_t>(size_before)) != 0)
    return Problem{Trouble::broken, text + ", and what was written in part cannot be taken back: " + reason(errno)};
  return Problem{is_lack_of_room(code) ? Trouble::full : Trouble::broken, text};
}

std::optional<LineFile::Problem> LineFile::sync() {
  if (::fdatasync(descriptor_) == 0) return std::nullopt;
  return Problem{Trouble::broken, path_.native() + " was not made durable by the disk: " + reason(errno)};
}

LineFile::Status LineFile::status() const {
  struct stat found {};
  ::fstat(descriptor_, &found);
  return {static_cast<std::uint64_t>(found.st_size), found.st_mtim.tv_sec, found.st_nlink > 0};
}

void sync_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  static_cast<void>(::fsync(descriptor));
  ::close(descriptor);
}

}  // namespace pbxbridge::sink
