#include "spool/salvage/store_files.hpp"

#include "spool/salvage/table_format.hpp"
#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace pbxbridge::spool::salvage {

namespace {

namespace fs = std::filesystem;

class OpenFile {
 public:
  explicit OpenFile(const fs::path& path) : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  Result<std::uint64_t> size() const {
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return failure();
    return static_cast<std::uint64_t>(status.st_size);
  }
  /// Fewer at the end of the file.
  Result<std::string> read(std::uint64_t offset, std::uint64_t size) const {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto count =
          ::pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure();
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  Error failure() const { return system_error(fmt::format("cannot read {}", path_.string()), errno); }

  const fs::path& path_;
  int descriptor_;
};

}  // namespace

bool is_table(const fs::path& file) { return file.extension() == ".sst"; }
bool is_log(const fs::path& file) { return file.extension() == ".log"; }

/// They are named by numbers, of six digits or more.
Result<std::vector<fs::path>> store_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator file(directory, failed), end; !failed && file != end; file.increment(failed))
    if (is_table(file->path()) || is_log(file->path())) files.push_back(file->path());
  if (failed) return system_error(fmt::format("cannot read {}", directory.string()), failed.value());
  std::ranges::sort(files, {}, [](const fs::path& file) {
    const std::string name = file.filename().string();
    return std::tuple(is_log(file), name.size(), name);
  });
  return files;
}

Result<std::string> read_store_file(const fs::path& path) {
  const OpenFile file(path);
  const auto size = file.size();
  if (!size) return size.error();
  return file.read(0, *size);
}

Result<TableFrame> frame_of(const fs::path& table) {
  const OpenFile file(table);
  const auto size = file.size();
  if (!size) return size.error();
  const auto end = file.read(*size - std::min<std::uint64_t>(*size, footer_size), footer_size);
  if (!end) return end.error();
  const auto footer = read_footer(*end, *size);
  if (!footer) return TableFrame::no_footer;
  const auto tail = file.read(footer->index.offset, *size - footer->index.offset);
  if (!tail) return tail.error();
  return frame_holds(*tail, *size) ? TableFrame::intact : TableFrame::damaged;
}

}  // namespace pbxbridge::spool::salvage
