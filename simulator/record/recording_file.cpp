#include "simulator/record/recording_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::sim {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw std::system_error(errno, std::generic_category(), file.string());
}

}  // namespace

RecordingFile::RecordingFile(const std::filesystem::path& file)
    : file_(file), descriptor_(::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) fail(file_);
}

RecordingFile::~RecordingFile() { ::close(descriptor_); }

void RecordingFile::add_line(std::string_view line) {
  const auto text = std::string(line) + "\n";
  const auto written = ::write(descriptor_, text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return;
  if (written >= 0) errno = ENOSPC;
  fail(file_);
}

}  // namespace pbxbridge::sim
