#include "cli/watched_output.hpp"

#include "app/run.hpp"
#include "cli/failure.hpp"

#include <cerrno>
#include <ostream>
#include <string>
#include <system_error>

namespace pbxbridge::cli {

WatchedOutput::WatchedOutput(std::ostream& output) : output_(output), inner_(output.rdbuf(this)) {}

WatchedOutput::~WatchedOutput() { output_.rdbuf(inner_); }

int WatchedOutput::finish(int exit_code, std::ostream& errors) {
  output_.flush();
  if (error_ == 0 || error_ == EPIPE) return exit_code;
  const std::string reason = error_ == EBADF ? "it is closed" : std::generic_category().message(error_);
  return failure("not all of the output could be written to standard output: " + reason,
                 exit_code == app::exit_ok ? static_cast<int>(app::exit_failure) : exit_code, errors);
}

WatchedOutput::int_type WatchedOutput::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  errno = 0;
  const int_type written = inner_->sputc(traits_type::to_char_type(character));
  if (traits_type::eq_int_type(written, traits_type::eof())) note_failure();
  return written;
}

std::streamsize WatchedOutput::xsputn(const char* bytes, std::streamsize size) {
  errno = 0;
  const std::streamsize written = inner_->sputn(bytes, size);
  if (written != size) note_failure();
  return written;
}

int WatchedOutput::sync() {
  errno = 0;
  const int failed = inner_->pubsync();
  if (failed != 0) note_failure();
  return failed;
}

void WatchedOutput::note_failure() {
  if (error_ == 0) error_ = errno == 0 ? EIO : errno;
}

}  // namespace pbxbridge::cli
