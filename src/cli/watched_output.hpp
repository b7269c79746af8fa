#pragma once

#include <iosfwd>
#include <streambuf>

namespace pbxbridge::cli {

/// Stands between a command and its output while it lives, and notes why a write failed: the stream itself only knows
/// that one has.
class WatchedOutput final : private std::streambuf {
 public:
  /// `output` outlives it.
  explicit WatchedOutput(std::ostream& output);
  ~WatchedOutput() override;
  WatchedOutput(const WatchedOutput&) = delete;
  WatchedOutput& operator=(const WatchedOutput&) = delete;

  /// Writes what `output` still holds, and returns the exit code of the command: of a failure, with the reason in
  /// `errors`, where a part was not taken. A reader that has had enough (EPIPE) is none.
  int finish(int exit_code, std::ostream& errors);

 private:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* bytes, std::streamsize size) override;
  int sync() override;

  void note_failure();

  std::ostream& output_;
  std::streambuf* const inner_;
  int error_ = 0;  // errno of the first write that failed
};

}  // namespace pbxbridge::cli
