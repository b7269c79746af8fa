#include "event/attribute_text.hpp"

#include "event/utf8.hpp"

#include <algorithm>

namespace pbxbridge::event {

namespace {

bool is_printable_ascii(char character) { return character >= 0x20 && character < 0x7f; }

}  // namespace

std::string_view attribute_text(std::string_view text, std::string& buffer) {
  if (text.size() <= attribute_size_max && std::all_of(text.begin(), text.end(), is_printable_ascii)) return text;
  text = utf8_prefix(text, attribute_size_max);
  buffer.clear();
  for (std::size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text, i);
    if (length == 0 || is_control(text, i, length))
      buffer += '_';
    else
      buffer += text.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return buffer;
}

}  // namespace pbxbridge::event
