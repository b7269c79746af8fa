#include "text/printable.hpp"

#include "text/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace pbxbridge::text {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode 15.0, general categories Zl, Zp and Cf, which are no part of what is read.
constexpr Range unseen[] = {{0x00ad, 0x00ad},   {0x061c, 0x061c},   {0x180e, 0x180e},  {0x200b, 0x200f},
                            {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},  {0xfff9, 0xfffb},
                            {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe007f}};

/// Decodes the character of `length` bytes at `position`.
char32_t code_point(std::string_view text, std::size_t position, std::size_t length) {
  constexpr unsigned lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t code_point = static_cast<unsigned char>(text[position]) & lead_bits[length];
  for (std::size_t i = 1; i < length; ++i)
    code_point = (code_point << 6) | (static_cast<unsigned char>(text[position + i]) & 0x3fU);
  return code_point;
}

void append_escape(std::string& out, char32_t code_point) {
  const auto number = static_cast<unsigned>(code_point);
  if (number < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", number);
    return;
  }
  const unsigned offset = number - 0x10000;
  fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xd800 + (offset >> 10), 0xdc00 + (offset & 0x3ff));
}

}  // namespace

bool is_printable(std::string_view text, std::size_t position, std::size_t length) {
  if (length == 1) return text[position] >= 0x20 && text[position] < 0x7f;
  if (length == 0 || is_control(text, position, length) || is_noncharacter(text, position, length)) return false;
  const char32_t character = code_point(text, position, length);
  return std::ranges::none_of(unseen, [&](Range range) { return character >= range.first && character <= range.last; });
}

std::string on_one_line(std::string_view text, std::size_t limit) {
  std::string line;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t length = utf8_length(text, position);
    const std::size_t step = std::max<std::size_t>(length, 1);
    if (line.size() + step > limit) return line + "...";
    if (length == 0)
      line += '?';
    else if (is_printable(text, position, length))
      line += text.substr(position, length);
    else
      line += ' ';
    position += step;
  }
  return line;
}

std::string for_terminal(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t length = utf8_length(text, position);
    const char first = text[position];
    if (length == 0)
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", static_cast<unsigned char>(first));
    else if (first == '\n' || first == '\t' || is_printable(text, position, length))
      shown += text.substr(position, length);
    else
      append_escape(shown, code_point(text, position, length));
    position += std::max<std::size_t>(length, 1);
  }
  return shown;
}

}  // namespace pbxbridge::text
