#include "text/exchangeable.hpp"

#include "text/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::text {

namespace {

bool is_printable_ascii(char character) { return character >= 0x20 && character < 0x7f; }

}  // namespace

bool is_exchangeable(std::string_view text, std::size_t position, std::size_t length) {
  if (length == 1) return is_printable_ascii(text[position]);
  return length != 0 && !is_control(text, position, length) && !is_noncharacter(text, position, length);
}

std::string_view exchangeable(std::string_view text, std::string& buffer) {
  if (std::ranges::all_of(text, is_printable_ascii)) return text;
  buffer.clear();
  for (std::size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text, i);
    if (is_exchangeable(text, i, length))
      buffer += text.substr(i, length);
    else
      buffer += '_';
    i += std::max<std::size_t>(length, 1);
  }
  return buffer;
}

std::string problem_of_exchange(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text, i);
    if (length == 0) return fmt::format("is not UTF-8 (at byte {})", i + 1);
    if (is_control(text, i, length)) return fmt::format("has a control character (at byte {})", i + 1);
    if (is_noncharacter(text, i, length))
      return fmt::format("has a character that Unicode keeps out of interchange (at byte {})", i + 1);
    i += length;
  }
  return {};
}

}  // namespace pbxbridge::text
