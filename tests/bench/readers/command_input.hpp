#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace pbxbridge::bench {

/// The lines by which the runner says what a reader is to do, read from standard input without a thread.
class CommandInput {
 public:
  /// The next line, if one comes within `patience`. `quit` where the input has ended.
  std::optional<std::string> next(std::chrono::milliseconds patience);

 private:
  std::string received_;
};

/// Prints a whole line at once: the runner waits for it.
void say(const std::string& line);

}  // namespace pbxbridge::bench
