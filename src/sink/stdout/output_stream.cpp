#include "sink/stdout/output_stream.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pbxbridge::sink {

OutputStream::OutputStream(int descriptor, std::string name)
    : descriptor_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)), name_(std::move(name)) {}

OutputStream::~OutputStream() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<Error> OutputStream::check() const {
  if (descriptor_ < 0) return Error{ErrorCategory::storage, name_ + " is closed"};
  pollfd descriptor{descriptor_, POLLOUT, 0};
  ::poll(&descriptor, 1, 0);
  if ((descriptor.revents & POLLERR) != 0) return Error{ErrorCategory::storage, "nobody reads " + name_ + " any more"};
  return std::nullopt;
}

int OutputStream::write_all(std::string_view& bytes) const {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // another process that shares it has made it non-blocking
      pollfd descriptor{descriptor_, POLLOUT, 0};
      ::poll(&descriptor, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

LinesWritten OutputStream::write(std::span<const std::string> lines) {
  const std::lock_guard lock(mutex_);
  std::string_view rest = unfinished_;
  if (const int code = write_all(rest)) {
    unfinished_ = std::string(rest);
    return explain(code, 0);
  }
  unfinished_.clear();

  std::string bytes;
  for (const auto& line : lines) bytes += line;
  rest = bytes;
  const int code = write_all(rest);
  if (code == 0) return {.lines = lines.size()};

  std::size_t whole = 0;
  auto written = bytes.size() - rest.size();
  while (lines[whole].size() <= written) written -= lines[whole++].size();
  if (written > 0) unfinished_ = lines[whole].substr(written);
  return explain(code, whole);
}

LinesWritten OutputStream::explain(int code, std::size_t lines) const {
  if (code == EPIPE)
    return {.lines = lines, .failure = Error{ErrorCategory::storage, "nobody reads " + name_ + " any more"}};
  if (code == EBADF) return {.lines = lines, .failure = Error{ErrorCategory::storage, name_ + " is closed"}};
  auto text = name_ + " cannot be written: " + std::error_code(code, std::generic_category()).message();
  const bool lack_of_room = code == ENOSPC || code == EDQUOT || code == EFBIG;
  if (lack_of_room) return {.lines = lines, .retry = std::move(text)};
  return {.lines = lines, .failure = Error{ErrorCategory::storage, std::move(text)}};
}

}  // namespace pbxbridge::sink
