#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace pbxbridge::test {

/// Sets the clock of the day of child processes, by a library that is preloaded into them: clock_shift.c.
class ClockShift {
 public:
  /// `directory` is for a file of its own. The clock is right at first.
  explicit ClockShift(const std::filesystem::path& directory);

  /// Variables for the child, in addition to its own.
  std::map<std::string, std::string> environment() const;
  /// Sets the clock ahead by so much from now on, or behind.
  void set(std::chrono::seconds ahead) const;

 private:
  std::filesystem::path file_;
};

}  // namespace pbxbridge::test
