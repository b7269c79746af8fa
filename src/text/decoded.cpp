#include "text/decoded.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace pbxbridge::text {

namespace {

/// Some text that an escape stands for, and how long the escape is.
struct Escape {
  std::string text;
  std::size_t size = 0;
};

std::optional<char32_t> number(std::string_view digits, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string utf8(char32_t code_point) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xc0 | (code_point >> 6)), tail(0)};
  if (code_point < 0x10000) return {static_cast<char>(0xe0 | (code_point >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | ((code_point >> 18) & 0x07)), tail(12), tail(6), tail(0)};
}

std::optional<Escape> percent_escape(std::string_view text) {
  if (!text.starts_with('%') || text.size() < 3) return std::nullopt;
  const auto byte = number(text.substr(1, 2), 16);
  if (!byte) return std::nullopt;
  return Escape{{static_cast<char>(*byte)}, 3};
}

std::optional<Escape> form_escape(std::string_view text) {
  return text.starts_with('+') ? Escape{" ", 1} : percent_escape(text);
}

std::optional<char32_t> utf16_unit(std::string_view text) {
  if (!text.starts_with("\\u") || text.size() < 6) return std::nullopt;
  return number(text.substr(2, 4), 16);
}

std::optional<Escape> json_escape(std::string_view text) {
  if (!text.starts_with('\\') || text.size() < 2) return std::nullopt;
  if (const auto unit = utf16_unit(text)) {
    const auto next = *unit >= 0xd800 && *unit <= 0xdbff ? utf16_unit(text.substr(6)) : std::nullopt;
    if (next && *next >= 0xdc00 && *next <= 0xdfff)
      return Escape{utf8(0x10000 + ((*unit - 0xd800) << 10) + (*next - 0xdc00)), 12};
    return Escape{utf8(*unit), 6};
  }
  constexpr std::string_view letters = "\"\\/bfnrt";
  const auto letter = letters.find(text[1]);
  if (letter == std::string_view::npos) return std::nullopt;
  return Escape{{"\"\\/\b\f\n\r\t"[letter]}, 2};
}

std::optional<Escape> html_escape(std::string_view text) {
  constexpr std::size_t longest = 10;
  if (!text.starts_with('&')) return std::nullopt;
  const auto end = text.substr(0, longest).find(';');
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = text.substr(1, end - 1);
  if (name.starts_with('#')) {
    const bool is_hexadecimal = name.starts_with("#x") || name.starts_with("#X");
    const auto code_point = number(name.substr(is_hexadecimal ? 2 : 1), is_hexadecimal ? 16 : 10);
    if (!code_point) return std::nullopt;
    return Escape{utf8(*code_point), end + 1};
  }
  constexpr std::pair<std::string_view, char> names[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, char>::first);
  if (found == std::end(names)) return std::nullopt;
  return Escape{{found->second}, end + 1};
}

/// Returns how long the character is that `text` begins with, if it is one that nobody sees; otherwise 0.
std::size_t unseen_length(std::string_view text) {
  constexpr std::string_view unseen[] = {"\u00a0", "\u00ad", "\u200b", "\u200c", "\u200d",
                                         "\u200e", "\u200f", "\u2060", "\ufeff"};
  const auto first = static_cast<unsigned char>(text.front());
  if (first <= ' ' || first == 0x7f) return 1;
  const auto found = std::ranges::find_if(unseen, [text](std::string_view each) { return text.starts_with(each); });
  return found == std::end(unseen) ? 0 : found->size();
}

template <class ReadEscape>
Decoded decoded(const Decoded& from, ReadEscape read_escape) {
  Decoded to;
  const std::string_view text = from.text;
  for (std::size_t i = 0; i < text.size();) {
    const std::optional<Escape> escape = read_escape(text.substr(i));
    to.text += escape ? std::string_view(escape->text) : text.substr(i, 1);
    to.places.resize(to.text.size(), from.places[i]);
    i += escape ? escape->size : 1;
  }
  to.places.push_back(from.places[text.size()]);
  return to;
}

}  // namespace

Decoded undecoded(std::string_view text) {
  Decoded decoded{std::string(text), {}};
  for (std::size_t i = 0; i <= text.size(); ++i) decoded.places.push_back(i);
  return decoded;
}

Decoded percent_decoded(const Decoded& from) { return decoded(from, percent_escape); }
Decoded form_decoded(const Decoded& from) { return decoded(from, form_escape); }
Decoded json_decoded(const Decoded& from) { return decoded(from, json_escape); }
Decoded html_decoded(const Decoded& from) { return decoded(from, html_escape); }

Decoded without_blanks(const Decoded& from) {
  return decoded(from, [](std::string_view text) -> std::optional<Escape> {
    if (std::string_view(" \t\r\n").find(text.front()) == std::string_view::npos) return std::nullopt;
    return Escape{{}, 1};
  });
}

Decoded folded(const Decoded& from) {
  return decoded(from, [](std::string_view text) -> std::optional<Escape> {
    if (const std::size_t unseen = unseen_length(text); unseen > 0) return Escape{{}, unseen};
    return Escape{{lower_case(text.front())}, 1};
  });
}

std::vector<Decoded> decodings(std::string_view text) {
  const Decoded plain = undecoded(text);
  const Decoded json = json_decoded(plain);
  const Decoded percent = percent_decoded(plain);
  std::vector<Decoded> all;
  for (const Decoded& view : {plain, json, percent, form_decoded(plain), html_decoded(plain), percent_decoded(json),
                              json_decoded(json), json_decoded(percent), percent_decoded(percent)})
    if (std::ranges::find(all, view.text, &Decoded::text) == all.end()) all.push_back(view);
  return all;
}

}  // namespace pbxbridge::text
