#include "config/excerpt.hpp"

#include "text/printable.hpp"
#include "text/secrets.hpp"
#include "text/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::config {

namespace {

/// Begins of all lines.
std::vector<std::size_t> lines_of(std::string_view text) {
  std::vector<std::size_t> lines = {0};
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
    lines.push_back(end + 1);
  return lines;
}

/// A place at most so many bytes before `position`, where no character is cut.
std::size_t beginning_near(std::string_view text, std::size_t line_begin, std::size_t position, std::size_t bytes) {
  if (position - line_begin <= bytes) return line_begin;
  std::size_t begin = position - bytes;
  while (begin < position && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) ++begin;
  return begin;
}

}  // namespace

Excerpt::Excerpt(std::string_view text, const std::vector<std::string_view>& secret_names)
    : text_(text), lines_(lines_of(text)), hidden_(secret_places(text, secret_names)) {}

std::size_t Excerpt::end_of_hidden(std::size_t position) const {
  const auto next = std::ranges::upper_bound(hidden_, position, {}, &Span::begin);
  return next == hidden_.begin() ? position : std::max(position, std::prev(next)->end);
}

/// The line as what a terminal shows of it, character by character, at most `most` behind `position`; `caret` is the
/// character that stands there.
std::vector<std::string> Excerpt::cells(std::size_t begin, std::size_t end, std::size_t position, std::size_t most,
                                        std::size_t& caret) const {
  std::vector<std::string> cells;
  for (std::size_t i = begin; i < end && text_[i] != '\r' && cells.size() <= caret + most;) {
    if (i <= position) caret = cells.size();
    if (const std::size_t hidden_end = end_of_hidden(i); hidden_end > i && text_[i] != ' ') {
      cells.emplace_back(text::secret_mask);
      i = std::min(hidden_end, end);
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
  constexpr std::size_t longest_character = 4;
  if (location.line <= 0 || static_cast<std::size_t>(location.line) > lines_.size()) return {};
  const auto line = static_cast<std::size_t>(location.line);
  const std::size_t line_begin = lines_[line - 1];
  if (line_begin >= text_.size()) return {};
  const std::size_t line_end = line < lines_.size() ? lines_[line] - 1 : text_.size();
  const std::size_t position = line_begin + static_cast<std::size_t>(std::max(location.column, 1)) - 1;
  // Looks only at what can be shown: a line may be as long as the file.
  constexpr std::size_t surroundings = widest * longest_character;
  const std::size_t begin = beginning_near(text_, line_begin, std::min(position, line_end), surroundings);
  std::size_t caret = 0;
  const auto cells = this->cells(begin, line_end, position, widest, caret);
  const std::size_t first = caret < widest ? 0 : caret - widest / 2;
  const std::size_t last = std::min(cells.size(), first + widest);
  std::string shown = first > 0 || begin > line_begin ? "..." : "";
  std::string below(shown.size(), ' ');
  for (std::size_t i = first; i < last; ++i) {
    shown += cells[i];
    if (i < caret) below.append(cells[i] == text::secret_mask ? text::secret_mask.size() : 1, ' ');
  }
  if (last < cells.size()) shown += "...";
  return fmt::format("{:5} | {}\n      | {}^\n", location.line, text::without_secrets(shown), below);
}

}  // namespace pbxbridge::config
