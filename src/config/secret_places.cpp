#include "config/secret_places.hpp"

#include "config/flow_depth.hpp"
#include "config/schema/secret_names.hpp"
#include "config/url_places.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace pbxbridge::config {

namespace {

/// Also what is not ASCII: a character that nobody sees may have come in by a copy.
bool is_of_keys(char character) {
  constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.\"'";
  return static_cast<unsigned char>(character) >= 0x80 || others.find(character) != std::string_view::npos;
}

std::size_t end_of_line(std::string_view text, std::size_t position) {
  return std::min(text.find('\n', position), text.size());
}

std::size_t indentation(std::string_view line) {
  const std::size_t content = line.find_first_not_of(" \t-");
  return content == std::string_view::npos ? line.size() : content;
}

std::string_view key_before(std::string_view text, std::string_view blanks = " \t") {
  text = text.substr(0, text.find_last_not_of(blanks) + 1);  // npos + 1 is 0
  const auto begin = std::find_if_not(text.rbegin(), text.rend(), is_of_keys);
  return text.substr(text.size() - static_cast<std::size_t>(begin - text.rbegin()));
}

/// The quote that ends what one opens at `begin`; the end of the text where it is never closed.
std::size_t closing_quote(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote)
      return i;
  }
  return text.size();
}

/// Returns whether the line begins with a key, or with a comment.
bool is_entry(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t-"), line.size()));
  const auto end = std::find_if_not(line.begin(), line.end(), is_of_keys);
  const std::string_view rest = line.substr(static_cast<std::size_t>(end - line.begin()));
  return line.starts_with('#') || rest.starts_with(':');
}

/// End of the first line with anything in it from `end` on, where a value was to follow: it may be indented too little.
std::size_t end_of_line_to_follow(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin < text.size() && std::string_view("\r\n").find(text[begin]) != std::string_view::npos)
    begin = std::min(text.find_first_not_of(" \t", begin + 1), text.size());
  if (begin == text.size()) return end;
  const std::size_t line_begin = text.rfind('\n', begin) + 1;  // npos + 1 is 0
  const std::size_t line_end = end_of_line(text, begin);
  return is_entry(text.substr(line_begin, line_end - line_begin)) ? end : line_end;
}

/// End of the lines from `end` on that are indented further than the line of a key: a value may go over several.
std::size_t end_of_lines_below(std::string_view text, std::size_t end, std::size_t key_indentation) {
  while (end < text.size()) {
    const std::size_t next_end = end_of_line(text, end + 1);
    const std::string_view next = text.substr(end + 1, next_end - end - 1);
    if (next.find_first_not_of(" \t\r") != std::string_view::npos && indentation(next) <= key_indentation) break;
    end = next_end;
  }
  return end;
}

/// End of a value that begins behind the colon at `colon`, always that of a line: a password that should have stood in
/// quotes may hold what seems to end it.
std::size_t end_of_value(std::string_view text, std::size_t colon, bool is_in_flow) {
  const std::size_t line_end = end_of_line(text, colon);
  const std::size_t begin =
      std::min(text.find_first_not_of(is_in_flow ? " \t\r\n" : " \t", colon + 1), is_in_flow ? text.size() : line_end);
  const char first = begin < text.size() ? text[begin] : '\0';
  if (first == '"' || first == '\'') {
    const std::size_t end = end_of_line(text, closing_quote(text, begin));
    if (is_in_flow) return end;
    const std::size_t line_begin = text.rfind('\n', colon) + 1;  // npos + 1 is 0
    return end_of_lines_below(text, end, indentation(text.substr(line_begin, colon - line_begin)));
  }
  if (is_in_flow || first == '{' || first == '[') return end_of_line(text, text.find(first == '[' ? ']' : '}', begin));
  const std::size_t line_begin = text.rfind('\n', colon) + 1;
  const bool is_below = std::string_view("\r\n#|>").find(first) != std::string_view::npos;
  return end_of_lines_below(text, is_below ? end_of_line_to_follow(text, line_end) : line_end,
                            indentation(text.substr(line_begin, colon - line_begin)));
}

/// Returns whether the map of an account is something else there, which may hold its password: `auth: user:password`.
bool is_account_in_another_form(std::string_view text, std::size_t colon) {
  constexpr std::array<std::string_view, 4> accounts = {"auth", "sasl", "account", "login"};
  const std::string name = lower_case_key(key_before(text.substr(0, colon)));
  if (std::ranges::find(accounts, name) == accounts.end()) return false;
  const std::size_t value = text.find_first_not_of(" \t", colon + 1);
  return value != std::string_view::npos && std::string_view("{\r\n#").find(text[value]) == std::string_view::npos;
}

/// Returns whether a value begins there: something other than the end of a line, an entry or a list, and no comment.
bool is_value(std::string_view text, std::size_t position) {
  return position < text.size() && std::string_view(":=,]}#\r\n").find(text[position]) == std::string_view::npos;
}

void find_values(std::string_view text, const std::vector<std::string_view>& secret_names, std::vector<Span>& places) {
  // A blank, for the colon may have been forgotten.
  constexpr std::string_view separators = ":= \t";
  FlowDepth depth(text);
  for (auto separator = text.find_first_of(separators); separator < text.size();) {
    const bool is_blank = text[separator] == ' ' || text[separator] == '\t';
    const std::size_t next = is_blank ? text.find_first_not_of(" \t", separator) : separator + 1;
    // A colon may stand on a line of its own.
    const std::string_view key = key_before(text.substr(0, separator), is_blank ? " \t" : " \t\r\n");
    const bool is_secret = is_blank ? is_value(text, next) && may_name_secret(key, secret_names)
                                    : may_name_secret(key, secret_names) || is_account_in_another_form(text, separator);
    if (is_secret) {
      const std::size_t end = end_of_value(text, separator, depth.at(separator) > 0);
      places.push_back({separator + 1, end});
      separator = text.find_first_of(separators, end);
    } else {
      separator = text.find_first_of(separators, next);
    }
  }
}

std::vector<Span> merged(std::vector<Span> places) {
  std::ranges::sort(places, {}, &Span::begin);
  std::vector<Span> merged;
  for (const Span place : places) {
    if (!merged.empty() && place.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, place.end);
    else
      merged.push_back(place);
  }
  return merged;
}

}  // namespace

std::vector<Span> secret_places(std::string_view text, const std::vector<std::string_view>& secret_names) {
  std::vector<Span> places;
  find_values(text, secret_names, places);
  find_url_secrets(text, places);
  return merged(std::move(places));
}

}  // namespace pbxbridge::config
