#include "event/json_repair.hpp"

#include "event/number_text.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace pbxbridge::event {

namespace {

using text::is_digit;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t escape_size = 6;  // \uXXXX

/// The UTF-16 code unit of a `\uXXXX` at `position`.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t position) {
  if (text.size() < position + escape_size || text[position] != '\\' || text[position + 1] != 'u') return std::nullopt;
  const char* const begin = text.data() + position + 2;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(begin, begin + 4, unit, 16);
  if (error != std::errc() || end != begin + 4) return std::nullopt;
  return unit;
}

/// Returns whether `text` is a number by the grammar of JSON (RFC 8259 section 6) that may be too large for simdjson.
bool is_huge_number(std::string_view text) {
  constexpr std::size_t digits_of_int64 = 19;
  constexpr std::size_t longest_plain = 300;  // decimal digits that a double surely takes
  std::size_t i = 0;
  const auto digits = [&] {
    const auto begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool leading_zero = i < text.size() && text[i] == '0';
  const auto integer_digits = digits();
  if (integer_digits == 0 || (leading_zero && integer_digits > 1)) return false;
  if (i == text.size()) return integer_digits >= digits_of_int64;
  if (text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i == text.size()) return integer_digits > longest_plain;
  if (text[i] != 'e' && text[i] != 'E') return false;
  ++i;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  return digits() > 0 && i == text.size();
}

/// The ASCII characters of UTF-16, and `?` for each other code unit.
std::string ascii_of_utf_16(std::string_view text, bool is_big_endian) {
  std::string ascii;
  ascii.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const char low = text[i + (is_big_endian ? 1 : 0)];
    const char high = text[i + (is_big_endian ? 0 : 1)];
    ascii += high == 0 && static_cast<unsigned char>(low) < 0x80 ? low : '?';
  }
  return ascii;
}

/// GBK, Big5 and Shift JIS. No such pair holds a quotation mark.
bool is_double_byte(std::string_view text, std::size_t position) {
  if (text.size() - position < 2) return false;
  const auto first = static_cast<unsigned char>(text[position]);
  const auto second = static_cast<unsigned char>(text[position + 1]);
  return first >= 0x81 && first <= 0xfe && second >= 0x40 && second <= 0xfe && second != 0x7f;
}

bool is_control_in_json(char character) {
  return static_cast<unsigned char>(character) < 0x20 && character != '\t' && character != '\n' && character != '\r';
}

class JsonRepair {
 public:
  JsonRepair(std::string_view payload, Charset charset) : payload_(payload), charset_(charset) {
    repaired_.text.reserve(payload.size() + 64);
  }

  RepairedJson run() {
    if (payload_.starts_with(byte_order_mark)) {
      position_ = byte_order_mark.size();
      repaired_.was_not_json = true;
    }
    while (position_ < payload_.size()) {
      const char character = payload_[position_];
      if (character == '"')
        string();
      else if (character == '-' || is_digit(character))
        number();
      else if (is_control_in_json(character))
        replace_no_json(1, " ");
      else
        keep(1);
    }
    return std::move(repaired_);
  }

 private:
  void keep(std::size_t size) {
    const auto kept = payload_.substr(position_, size);
    repaired_.text += kept;
    position_ += kept.size();
  }

  void replace(std::size_t size, std::string_view replacement) {
    repaired_.text += replacement;
    position_ += size;
  }

  void string() {
    keep(1);
    while (position_ < payload_.size()) {
      const char character = payload_[position_];
      if (character == '"') return keep(1);
      if (character == '\\')
        escape();
      else if (charset_ == Charset::double_byte && is_double_byte(payload_, position_))
        replace_no_json(2, "?");
      else if (const auto length = text::utf8_length(payload_, position_); length == 0)
        replace_no_json(1, "?");
      else if (static_cast<unsigned char>(character) < 0x20)
        replace_no_json(1, " ");
      else
        keep(length);
    }
  }

  void replace_no_json(std::size_t size, std::string_view replacement) {
    replace(size, replacement);
    repaired_.was_not_json = true;
  }

  void escape() {
    const auto unit = escaped_unit(payload_, position_);
    if (!unit || *unit < 0xd800 || *unit > 0xdfff) return keep(2);
    const auto next = escaped_unit(payload_, position_ + escape_size);
    const bool pair = *unit <= 0xdbff && next && *next >= 0xdc00 && *next <= 0xdfff;
    if (pair)
      keep(2 * escape_size);
    else
      replace(escape_size, "\\ufffd");
  }

  void number() {
    const auto end = std::min(payload_.find_first_not_of("0123456789+-.eE", position_), payload_.size());
    const auto text = payload_.substr(position_, end - position_);
    // A key must not become valid by our quotes.
    const auto next = payload_.find_first_not_of(" \t\r\n", end);
    const bool is_key = next != std::string_view::npos && payload_[next] == ':';
    if (is_key || !is_huge_number(text)) return keep(text.size());
    repaired_.text += '"';
    replace(text.size(), number_text(text, number_));
    repaired_.text += '"';
    repaired_.huge_numbers = true;
  }

  std::string_view payload_;
  Charset charset_;
  std::size_t position_ = 0;
  RepairedJson repaired_;
  std::string number_;
};

}  // namespace

RepairedJson repair_json(std::string_view payload, Charset charset) {
  const bool is_big_endian = payload.starts_with("\xfe\xff");
  if (!is_big_endian && !payload.starts_with("\xff\xfe")) return JsonRepair(payload, charset).run();
  auto repaired = JsonRepair(ascii_of_utf_16(payload.substr(2), is_big_endian), charset).run();
  repaired.was_not_json = true;
  return repaired;
}

}  // namespace pbxbridge::event
