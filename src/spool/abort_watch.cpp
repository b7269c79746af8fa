#include "spool/abort_watch.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::spool {

namespace {

std::array<char, 4096> noted_in{};  // for a signal handler, which may not allocate

extern "C" void note_abort(int) {
  const int descriptor = ::open(noted_in.data(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return;
  const ssize_t written = ::write(descriptor, "x", 1);
  if (written == 1) ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

AbortWatch::AbortWatch(const std::filesystem::path& spool_directory) : file_(spool_directory / "aborted") {
  const std::string name = std::filesystem::absolute(file_).string();
  noted_in.fill('\0');
  name.copy(noted_in.data(), noted_in.size() - 1);
  previous_handler_ = std::signal(SIGABRT, note_abort);  // abort() ends the process once this returns
}

AbortWatch::~AbortWatch() { std::signal(SIGABRT, previous_handler_ == SIG_ERR ? SIG_DFL : previous_handler_); }

std::size_t AbortWatch::aborts() const {
  std::error_code none;
  const auto count = std::filesystem::file_size(file_, none);
  return none ? 0 : static_cast<std::size_t>(count);
}

void AbortWatch::all_is_well() const {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace pbxbridge::spool
