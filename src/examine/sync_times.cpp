#include "examine/sync_times.hpp"

#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace pbxbridge::examine {

namespace {

using Clock = std::chrono::steady_clock;

/// About what a commit of a few events writes.
constexpr std::size_t write_bytes = 4096;

class NamelessFile {
 public:
  explicit NamelessFile(const std::filesystem::path& directory) {
    std::string name = (directory / "examination-XXXXXX").string();
    descriptor_ = ::mkostemp(name.data(), 0);
    if (descriptor_ >= 0) ::unlink(name.c_str());
  }
  ~NamelessFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

Result<std::vector<std::chrono::nanoseconds>> measure_syncs(const std::filesystem::path& directory, std::size_t tries,
                                                            std::chrono::milliseconds limit) {
  const NamelessFile file(directory);
  if (file.descriptor() < 0) return spool::system_error("no file can be made in " + directory.string(), errno);
  const std::string bytes(write_bytes, 'x');
  const auto deadline = Clock::now() + limit;
  std::vector<std::chrono::nanoseconds> times;
  while (times.size() < tries && (times.empty() || Clock::now() < deadline)) {
    const auto began = Clock::now();
    const auto written = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (written != static_cast<ssize_t>(bytes.size()))
      return spool::system_error("cannot write to " + directory.string(), written < 0 ? errno : ENOSPC);
    if (::fdatasync(file.descriptor()) != 0) return spool::system_error("cannot sync in " + directory.string(), errno);
    times.push_back(Clock::now() - began);
  }
  std::ranges::sort(times);
  return times;
}

}  // namespace pbxbridge::examine
