#pragma once

#include "pbxbridge/error.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::sim {

/// Cuts the first word off `rest`, with the one blank behind it.
inline std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return word;
}

/// Returns nothing where the text is anything else than a number from 0 on.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= Number{})) return std::nullopt;
  return value;
}

/// An error in what was written: a command, a fault or a scenario.
inline Error not_understood(std::string text) { return {ErrorCategory::configuration, std::move(text)}; }

/// A command or a fault that takes no argument.
template <class Kind, class Plain>
Result<Kind> plain(std::string_view argument) {
  if (!argument.empty()) return not_understood("takes no argument");
  return Kind(Plain{});
}

}  // namespace pbxbridge::sim
