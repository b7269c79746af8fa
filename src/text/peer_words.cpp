#include "text/peer_words.hpp"

#include "text/ascii.hpp"
#include "text/decoded.hpp"
#include "text/log_text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace pbxbridge::text {

namespace {

constexpr auto none = std::string_view::npos;

bool is_blank(char character) { return std::isspace(static_cast<unsigned char>(character)) != 0; }

/// A character that people write between the digits of one number, each byte of a no-break space or a long dash among
/// them.
bool breaks_number(char character) {
  constexpr std::string_view breaks = "+-./()_|";
  return is_blank(character) || breaks.find(character) != none || static_cast<unsigned char>(character) >= 0x80;
}

/// Returns how long the digits, or what breaks a number, are at the beginning of `text`.
template <class Predicate>
std::size_t length_of(std::string_view text, Predicate predicate) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), predicate) - text.begin());
}

/// Length of `a.b.c.d:port`, where `text` begins with it; otherwise 0. Without a port it may be a phone number.
std::size_t address_length(std::string_view text) {
  std::size_t length = 0;
  for (const char end : {'.', '.', '.', ':'}) {
    const std::size_t digits = length_of(text.substr(length), is_digit);
    if (digits == 0 || digits > 3 || !text.substr(length + digits).starts_with(end)) return 0;
    length += digits + 1;
  }
  constexpr std::size_t longest_port = 5;
  const std::size_t port = length_of(text.substr(length), is_digit);
  return port == 0 || port > longest_port ? 0 : length + port;
}

struct Number {
  std::size_t length = 0;
  std::size_t digits = 0;
};

/// The number that `text` begins with, over what breaks it up.
Number number_at(std::string_view text) {
  constexpr std::size_t longest_break = 4;
  Number number;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t digits = address_length(text.substr(at)) > 0 ? 0 : length_of(text.substr(at), is_digit);
    if (digits == 0) break;
    number.digits += digits;
    number.length = at + digits;
    at = number.length + length_of(text.substr(number.length), breaks_number);
    if (at - number.length > longest_break) break;
  }
  return number;
}

bool ends_word(char character) {
  constexpr std::string_view others = "\"'`,;()<>";
  return is_blank(character) || others.find(character) != none;
}

bool is_topic(std::string_view word) { return word.size() > 1 && word.find('/') != none && word.find("://") == none; }

/// Looks at what follows the brace of an object: the quote of its first name.
bool begins_json(std::string_view text) {
  text.remove_prefix(1);
  text.remove_prefix(length_of(text, is_blank));
  return text.starts_with('"') || text.starts_with('\'');
}

}  // namespace

void hide_all(std::string_view words, std::string_view part, std::string_view shown, HiddenParts& parts) {
  if (part.empty()) return;
  for (auto at = words.find(part); at != none; at = words.find(part, at + 1))
    parts.push_back({at, at + part.size(), std::string(shown)});
}

void hide_numbers(std::string_view words, HiddenParts& parts) {
  constexpr std::size_t shortest = 6;
  for (std::size_t at = 0; at < words.size();) {
    if (const std::size_t address = address_length(words.substr(at)); address > 0) {
      at += address;
      continue;
    }
    const Number number = number_at(words.substr(at));
    std::size_t begin = at;
    if (begin > 0 && words[begin - 1] == '+') --begin;
    if (number.digits >= shortest) parts.push_back({begin, at + number.length, "(a number)"});
    at += std::max<std::size_t>(number.length, 1);
  }
}

void hide_topics(std::string_view words, HiddenParts& parts) {
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t length = length_of(words.substr(at), [](char c) { return !ends_word(c); });
    if (is_topic(words.substr(at, length))) parts.push_back({at, at + length, "(a topic)"});
    at += length + 1;
  }
}

void hide_json(std::string_view words, HiddenParts& parts) {
  if (words.find_first_of("{%\\&") == none) return;
  for (const Decoded& view : decodings(words)) {
    const std::string_view text = view.text;
    auto at = text.find('{');
    while (at != none && !begins_json(text.substr(at))) at = text.find('{', at + 1);
    if (at != none) parts.push_back({view.places[at], words.size(), "(JSON)"});
  }
}

std::string without_hidden(std::string_view words, HiddenParts parts) {
  std::ranges::stable_sort(parts, [](const Hidden& one, const Hidden& other) {
    return one.begin != other.begin ? one.begin < other.begin : one.end > other.end;
  });
  std::string text;
  std::size_t position = 0;
  for (auto part = parts.begin(); part != parts.end();) {
    text.append(words, position, part->begin - position).append(part->shown);
    std::size_t end = part->end;
    for (++part; part != parts.end() && part->begin < end; ++part) end = std::max(end, part->end);
    position = end;
  }
  return text.append(words.substr(position));
}

std::string peer_log_text(std::string_view words, std::size_t limit, Ending ending) {
  constexpr std::size_t longest = 16'384;
  if (words.size() > longest) ending = Ending::cut_off;
  const std::string shown = without_secrets(words.substr(0, longest), ending);
  HiddenParts parts;
  hide_numbers(shown, parts);
  hide_json(shown, parts);
  return log_text(without_hidden(shown, std::move(parts)), limit);
}

std::string with_peer_log_text(std::string text, std::string_view words) {
  return with_peer_words(std::move(text), peer_log_text(words));
}

}  // namespace pbxbridge::text
