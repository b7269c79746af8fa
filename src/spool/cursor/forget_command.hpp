#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

// `forget SINK` on the control socket of a running process: answered as a command for dead letters is, by the number
// of events that were kept for that sink.

inline constexpr std::string_view forget_word = "forget ";

inline std::string forget_line(std::string_view sink) { return std::string(forget_word).append(sink); }

/// The sink; nothing where the line is another command.
inline std::optional<std::string> parse_forget_line(std::string_view line) {
  if (!line.starts_with(forget_word)) return std::nullopt;
  return std::string(line.substr(forget_word.size()));
}

}  // namespace pbxbridge::spool
