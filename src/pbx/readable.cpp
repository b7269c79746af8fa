#include "pbx/readable.hpp"

#include "text/utf8.hpp"

#include <algorithm>

namespace pbxbridge::pbx {
namespace {

/// U+2028 to U+202E and U+2066 to U+2069 break lines or reorder what a terminal shows.
bool breaks_or_reorders(std::string_view character) {
  if (character.size() != 3 || character.front() != '\xe2') return false;
  const std::string_view rest = character.substr(1);
  return (rest >= "\x80\xa8" && rest <= "\x80\xae") || (rest >= "\x81\xa6" && rest <= "\x81\xa9");
}

}  // namespace

std::string readable(std::string_view text, std::size_t limit) {
  std::string line;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t length = text::utf8_length(text, position);
    const std::size_t step = std::max<std::size_t>(length, 1);
    if (line.size() + step > limit) return line + "...";
    const std::string_view character = text.substr(position, step);
    if (length == 0)
      line += '?';
    else if (text::is_control(text, position, length) || breaks_or_reorders(character))
      line += ' ';
    else
      line += character;
    position += step;
  }
  return line;
}

std::string without_secret(std::string text, std::string_view secret) {
  if (secret.empty()) return text;
  constexpr std::string_view mask = "[secret]";
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mask.size()))
    text.replace(at, secret.size(), mask);
  return text;
}

}  // namespace pbxbridge::pbx
