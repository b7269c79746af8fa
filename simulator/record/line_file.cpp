#include "simulator/record/line_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pbxbridge::sim {

LineFile LineFile::created(const std::filesystem::path& file) { return {file, file.string(), O_EXCL, 0600}; }

LineFile LineFile::overwritten(const std::filesystem::path& file, const std::string& name) {
  return {file, name, O_TRUNC, 0644};
}

LineFile::LineFile(const std::filesystem::path& file, std::string name, int if_it_exists, unsigned mode)
    : file_(file),
      name_(std::move(name)),
      descriptor_(::open(file.c_str(), O_CREAT | if_it_exists | O_WRONLY | O_APPEND | O_CLOEXEC, mode)) {
  if (descriptor_ < 0) fail();
}

LineFile::~LineFile() { ::close(descriptor_); }

void LineFile::fail() const { throw std::system_error(errno, std::generic_category(), name_); }

void LineFile::add_line(std::string line) const {
  line += '\n';
  const auto written = ::write(descriptor_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  if (written >= 0) errno = ENOSPC;
  fail();
}

}  // namespace pbxbridge::sim
