#include "readers/command_input.hpp"

#include <array>
#include <cstdio>
#include <poll.h>
#include <unistd.h>

namespace pbxbridge::bench {

std::optional<std::string> CommandInput::next(std::chrono::milliseconds patience) {
  if (received_.find('\n') == received_.npos) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
    std::array<char, 4096> buffer;
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return "quit";
    received_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  const auto end = received_.find('\n');
  if (end == received_.npos) return std::nullopt;
  auto line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

void say(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace pbxbridge::bench
