#include "clock_shift.hpp"

#include <cstdint>
#include <fstream>

namespace pbxbridge::test {

ClockShift::ClockShift(const std::filesystem::path& directory) : file_(directory / "clock-shift") {
  std::ofstream(file_) << std::string(sizeof(std::int64_t), '\0');
}

std::map<std::string, std::string> ClockShift::environment() const {
  return {{"LD_PRELOAD", PBXBRIDGE_CLOCK_SHIFT_LIBRARY},
          {"ASAN_OPTIONS", "verify_asan_link_order=0"},
          {"CLOCK_SHIFT", file_.string()}};
}

/// One write, without emptying the file before: it is mapped.
void ClockShift::set(std::chrono::seconds ahead) const {
  const std::int64_t seconds = ahead.count();
  std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
  file.write(reinterpret_cast<const char*>(&seconds), sizeof seconds);
}

}  // namespace pbxbridge::test
