#include "config/excerpt.hpp"

#include "text/printable.hpp"
#include "text/secrets.hpp"
#include "text/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace pbxbridge::config {

namespace {

constexpr std::string_view key_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.\"'";
constexpr std::string_view secret_place = "[secret]";

std::string lower_case_key(std::string_view key) {
  std::string name;
  for (const char character : key)
    if (character != '"' && character != '\'')
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  return name;
}

bool may_name_secret(std::string_view key, const std::vector<std::string_view>& secret_names) {
  constexpr std::array<std::string_view, 8> parts = {"pass",       "pwd",           "secret", "token",
                                                     "credential", "authorization", ".key",   "_key"};
  const std::string name = lower_case_key(key);
  if (name.empty() || name.ends_with("_file")) return false;
  if (name == "pw") return true;
  return std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != std::string::npos; }) ||
         std::ranges::find(secret_names, name) != secret_names.end() || !did_you_mean(name, secret_names).empty();
}

std::size_t end_of_line(std::string_view text, std::size_t position) {
  return std::min(text.find('\n', position), text.size());
}

std::size_t indentation(std::string_view line) {
  const std::size_t content = line.find_first_not_of(" \t-");
  return content == std::string_view::npos ? line.size() : content;
}

std::string_view key_before(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t") + 1);  // npos + 1 is 0
  return text.substr(text.find_last_not_of(key_characters) + 1);
}

/// End of a value that begins behind the colon at `colon`. In a flow map it ends with its entry, unless it is quoted.
std::size_t end_of_value(std::string_view text, std::size_t colon) {
  const std::size_t line_end = end_of_line(text, colon);
  const std::size_t line_begin = text.rfind('\n', colon) + 1;  // npos + 1 is 0
  const std::string_view before = text.substr(line_begin, colon - line_begin);
  const std::size_t begin = std::min(text.find_first_not_of(" \t", colon + 1), line_end);
  if (before.find('{') != std::string_view::npos) {
    const char quote = begin < line_end ? text[begin] : '\0';
    if (quote == '[' || quote == '{') return line_end;
    if (quote != '"' && quote != '\'') return std::min(text.find_first_of(",}\n", begin), line_end);
    for (std::size_t i = begin + 1; i < line_end; ++i) {
      if (quote == '"' && text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        return i + 1;
    }
    return line_end;
  }
  // The rest of the line, and the lines below it that are indented further: a value may go over several lines.
  std::size_t end = line_end;
  while (end < text.size()) {
    const std::size_t next_end = end_of_line(text, end + 1);
    const std::string_view next = text.substr(end + 1, next_end - end - 1);
    if (next.find_first_not_of(" \t\r") != std::string_view::npos && indentation(next) <= indentation(before)) break;
    end = next_end;
  }
  return end;
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

}  // namespace

Excerpt::Excerpt(std::string_view text, const std::vector<std::string_view>& secret_names) : text_(text) {
  // A blank, for the colon may have been forgotten.
  constexpr std::string_view separators = ":= \t";
  for (auto separator = text.find_first_of(separators); separator != std::string_view::npos;
       separator = text.find_first_of(separators, separator + 1)) {
    const bool is_blank = text[separator] == ' ' || text[separator] == '\t';
    if (is_blank && !is_value(text, text.find_first_not_of(" \t", separator))) continue;
    if (!may_name_secret(key_before(text.substr(0, separator)), secret_names) &&
        (is_blank || !is_account_in_another_form(text, separator)))
      continue;
    const std::size_t end = end_of_value(text, separator);
    hidden_.push_back({separator + 1, end});
    separator = std::max(separator, end - 1);
  }
  hide_passwords_before_hosts();
}

/// Hides the password of `user:password@host`, with or without a scheme before it.
void Excerpt::hide_passwords_before_hosts() {
  constexpr std::string_view ends = " \t\r\n\"',[]{}";
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find_first_of(ends, begin), text_.size());
    const std::string_view word = text_.substr(begin, end - begin);
    if (word.find("://") == std::string_view::npos) hide_password(begin, end);
    begin = end + 1;
  }
  for (std::size_t scheme = text_.find("://"); scheme != std::string_view::npos; scheme = text_.find("://", scheme + 3))
    hide_password_of_url(scheme);
}

/// A password that should have been percent-encoded may hold what ends a word elsewhere; in quotes, blanks, too.
void Excerpt::hide_password_of_url(std::size_t scheme) {
  const std::size_t before = text_.find_last_of(" \t\r\n\"',[]{}", scheme);
  const char opening = before == std::string_view::npos ? ' ' : text_[before];
  const bool is_quoted = opening == '"' || opening == '\'';
  const std::string ends = is_quoted ? std::string("\r\n") + opening : std::string(" \t\r\n");
  const std::size_t begin = scheme + 3;
  hide_password(begin, std::min(text_.find_first_of(ends, begin), text_.size()));
}

/// Hides what stands between the first colon and the last `@` there.
void Excerpt::hide_password(std::size_t begin, std::size_t end) {
  const std::string_view account = text_.substr(begin, end - begin);
  const std::size_t colon = account.find(':');
  const std::size_t at = account.rfind('@');
  if (at != std::string_view::npos && colon < at) hidden_.push_back({begin + colon + 1, begin + at});
}

bool Excerpt::is_hidden(std::size_t position) const {
  return std::ranges::any_of(hidden_, [&](Span span) { return span.begin <= position && position < span.end; });
}

/// The line as what a terminal shows of it, character by character; `caret` is the character that stands there.
std::vector<std::string> Excerpt::cells(std::size_t begin, std::size_t end, std::size_t position,
                                        std::size_t& caret) const {
  std::vector<std::string> cells;
  for (std::size_t i = begin; i < end && text_[i] != '\r';) {
    if (i <= position) caret = cells.size();
    if (is_hidden(i) && text_[i] != ' ') {
      cells.emplace_back(secret_place);
      while (i < end && is_hidden(i)) ++i;
      continue;
    }
    const std::size_t length = text::utf8_length(text_, i);
    if (text::is_printable(text_, i, length))
      cells.emplace_back(text_.substr(i, length));
    else
      cells.emplace_back(text_[i] == '\t' ? " " : "?");
    i += std::max<std::size_t>(length, 1);
  }
  if (position >= end) caret = cells.size();
  return cells;
}

std::string Excerpt::at(Location location) const {
  constexpr std::size_t widest = 120;
  std::size_t begin = 0;
  for (int line = 1; line < location.line && begin < text_.size(); ++line) begin = end_of_line(text_, begin) + 1;
  if (location.line <= 0 || begin >= text_.size()) return {};
  std::size_t caret = 0;
  const auto cells = this->cells(begin, end_of_line(text_, begin),
                                 begin + static_cast<std::size_t>(std::max(location.column, 1)) - 1, caret);
  const std::size_t first = caret < widest ? 0 : caret - widest / 2;
  const std::size_t last = std::min(cells.size(), first + widest);
  std::string shown = first > 0 ? "..." : "";
  std::string below(shown.size(), ' ');
  for (std::size_t i = first; i < last; ++i) {
    shown += cells[i];
    if (i < caret) below.append(cells[i] == secret_place ? secret_place.size() : 1, ' ');
  }
  if (last < cells.size()) shown += "...";
  return fmt::format("{:5} | {}\n      | {}^\n", location.line, text::without_secrets(shown), below);
}

}  // namespace pbxbridge::config
