#include "text/utf8.hpp"

namespace pbxbridge::text {

namespace {

unsigned byte_at(std::string_view text, std::size_t position) { return static_cast<unsigned char>(text[position]); }

bool is_continuation(unsigned byte) { return (byte & 0xc0U) == 0x80; }

// The first continuation byte has a narrower range after some lead bytes; RFC 3629 section 4.
bool is_second(unsigned lead, unsigned byte) {
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0 && byte <= 0xbf;
    case 0xed:
      return byte >= 0x80 && byte <= 0x9f;
    case 0xf0:
      return byte >= 0x90 && byte <= 0xbf;
    case 0xf4:
      return byte >= 0x80 && byte <= 0x8f;
    default:
      return is_continuation(byte);
  }
}

std::size_t length_by_lead(unsigned lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t position) {
  const auto lead = byte_at(text, position);
  const auto length = length_by_lead(lead);
  if (length <= 1) return length;
  if (text.size() - position < length || !is_second(lead, byte_at(text, position + 1))) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(byte_at(text, position + i))) return 0;
  return length;
}

bool is_control(std::string_view text, std::size_t position, std::size_t length) {
  const auto first = byte_at(text, position);
  if (length == 1) return first < 0x20 || first == 0x7f;
  return length == 2 && first == 0xc2 && byte_at(text, position + 1) < 0xa0;
}

bool is_noncharacter(std::string_view text, std::size_t position, std::size_t length) {
  if (length < 3) return false;
  const auto last = byte_at(text, position + length - 1);
  const auto before_last = byte_at(text, position + length - 2);
  const auto third_last = byte_at(text, position + length - 3);
  if (length == 3 && third_last != 0xef) return false;
  if (length == 3 && before_last == 0xb7) return last >= 0x90 && last <= 0xaf;
  // The last sixteen bits are FFFE or FFFF.
  return (third_last & 0x0fU) == 0x0f && before_last == 0xbf && last >= 0xbe;
}

std::string_view utf8_prefix(std::string_view text, std::size_t maximum) {
  if (text.size() <= maximum) return text;
  auto end = maximum;
  while (end > 0 && is_continuation(byte_at(text, end))) --end;
  return text.substr(0, end);
}

}  // namespace pbxbridge::text
