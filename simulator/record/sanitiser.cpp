#include "simulator/record/sanitiser.hpp"

#include "text/ascii.hpp"
#include "text/decoded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pbxbridge::sim {

namespace {

using text::is_digit;

constexpr std::int64_t seconds_of_a_week = 7 * 24 * 3600;
constexpr std::uint64_t most_weeks = 200;
constexpr std::size_t most_digits_of_a_count = 5;
constexpr std::size_t digits_of_seconds = 10;  // from 2001 to 2286
constexpr std::size_t digits_of_milliseconds = 13;

bool is_of_token(char character) {
  return is_digit(character) || text::is_letter(character) || character == '+' || character == '-' ||
         character == '.' || static_cast<unsigned char>(character) >= 0x80;
}

/// Numbers are those of JSON; a leading plus or the like makes it a text.
bool is_number(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  return !token.empty() && is_digit(token.front()) && token.find_first_not_of("0123456789.eE+-") == token.npos;
}

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// The bytes between the quotation marks of the string that `text` begins with; all of it where it has no end.
std::string_view string_content(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return text.substr(1, i - 1);
    if (text[i] == '\\') ++i;
  }
  return text.substr(1);
}

std::string unescaped(std::string_view written) {
  if (written.find('\\') == written.npos) return std::string(written);
  return text::json_decoded(text::undecoded(written)).text;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char character : text) {
    if (static_cast<unsigned char>(character) < 0x20)
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
    else
      (result += character == '"' || character == '\\' ? "\\" : "") += character;
  }
  return result;
}

bool is_name_of_field(std::string_view behind_the_string) {
  const auto next = behind_the_string.find_first_not_of(" \t\r\n");
  return next != behind_the_string.npos && behind_the_string[next] == ':';
}

}  // namespace

Sanitiser::Sanitiser(std::string key, Words keep)
    : pseudonyms_(std::move(key)),
      keep_(std::move(keep)),
      moved_by_seconds_(static_cast<std::int64_t>(1 + pseudonyms_.number("weeks") % most_weeks) * seconds_of_a_week) {}

RecordedMessage Sanitiser::message(RecordedMessage recorded) {
  recorded.bytes = message(recorded.bytes);
  return recorded;
}

std::int64_t Sanitiser::started_us(std::int64_t unix_us) const { return unix_us - moved_by_seconds_ * 1'000'000; }

/// Token by token, without a tree: so what is repeated, out of order or broken stays so.
std::string Sanitiser::message(std::string_view text) {
  open_.clear();
  field_kind_ = FieldKind::content;
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (text.front() == '"') {
      take_string(text, out);
    } else if (is_of_token(text.front())) {
      take_token(text, out);
    } else {
      take_structure(text.front());
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

void Sanitiser::take_string(std::string_view& rest, std::string& out) {
  const auto written = string_content(rest);
  const bool has_end = written.size() + 1 < rest.size();
  rest.remove_prefix(written.size() + (has_end ? 2 : 1));
  const auto text = unescaped(written);
  const bool is_name = !open_.empty() && open_.back().is_object && is_name_of_field(rest);
  out += '"' + (is_name ? field_name(written, text) : value(written, text)) + (has_end ? "\"" : "");
}

void Sanitiser::take_structure(char character) {
  if (character == '{' || character == '[') {
    open_.push_back({character == '{', kind()});
    field_kind_ = FieldKind::content;
  } else if (character == '}' || character == ']') {
    if (!open_.empty()) open_.pop_back();
  } else if (character == ',') {
    field_kind_ = FieldKind::content;
  }
}

void Sanitiser::take_token(std::string_view& rest, std::string& out) {
  const auto token = rest.substr(0, std::ranges::find_if_not(rest, is_of_token) - rest.begin());
  rest.remove_prefix(token.size());
  if (token == "true" || token == "false" || token == "null")
    out += token;
  else
    out += is_number(token) ? number(token) : pseudonyms_.replace(token);
}

std::string Sanitiser::field_name(std::string_view written, const std::string& name) {
  field_kind_ = kind_of_field(name);
  if (is_known_field(name) || keep_.contains(name)) return std::string(written);
  ++unknown_words_[name];
  return escaped(pseudonyms_.replace(name));
}

std::string Sanitiser::value(std::string_view written, const std::string& text) {
  if (is_harmless(text)) return std::string(written);
  const auto time = kind() == FieldKind::time ? moved_time(text) : "";
  return time.empty() ? escaped(pseudonyms_.replace(text)) : time;
}

std::string Sanitiser::number(std::string_view token) {
  std::string text(token);
  if (is_harmless(text)) return text;
  if (kind() == FieldKind::time)
    if (auto time = moved_time(text); !time.empty()) return time;
  // An exponent stays: with another one the number might be too large for a reader. No true one is longer than e+308.
  constexpr std::size_t longest_exponent = 5;
  auto exponent = std::min(text.find_first_of("eE"), text.size());
  if (text.size() - exponent > longest_exponent) exponent = text.size();
  return pseudonyms_.replace(text.substr(0, exponent)) + text.substr(exponent);
}

bool Sanitiser::is_harmless(const std::string& text) {
  switch (kind()) {
    case FieldKind::enumerator:
      if (is_known_enumerator(text) || keep_.contains(text)) return true;
      ++unknown_words_[text];
      return false;
    case FieldKind::count:
      return text.empty() || (all_digits(text) && text.size() <= most_digits_of_a_count);
    case FieldKind::time:
      return text.empty() || text == "0";
    case FieldKind::content:
      break;
  }
  return text.empty();
}

std::string Sanitiser::moved_time(const std::string& digits) const {
  if (!all_digits(digits) || digits.front() == '0') return {};
  if (digits.size() != digits_of_seconds && digits.size() != digits_of_milliseconds) return {};
  std::int64_t time = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), time);
  const std::int64_t a_second = digits.size() == digits_of_seconds ? 1 : 1000;
  if (!span_ || time / a_second < span_->first || time / a_second > span_->last) return {};
  const auto moved = std::to_string(time - moved_by_seconds_ * a_second);
  return moved.size() == digits.size() ? moved : std::string();
}

FieldKind Sanitiser::kind() const {
  return !open_.empty() && !open_.back().is_object ? open_.back().kind : field_kind_;
}

}  // namespace pbxbridge::sim
