#include "explain/event_reader.hpp"

#include "explain/json_error.hpp"
#include "explain/json_extent.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::explain {

namespace {

constexpr std::size_t most_read_twice = EventReader::longest_event;

bool is_blank(std::string_view text) { return text.find_first_not_of(json_blanks) == std::string_view::npos; }

/// A first line such as `{`: what follows is one value over several lines, and no line of it an event of its own.
bool only_opens(std::string_view line) { return line.find_first_not_of("{[ \t\r") == std::string_view::npos; }

InputError error_in(std::string_view text, std::uint64_t first_line) {
  const JsonError error = find_json_error(text);
  const std::string_view before = text.substr(0, error.position);
  const auto line_breaks = static_cast<std::uint64_t>(std::ranges::count(before, '\n'));
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {first_line + line_breaks, before.size() - begin + 1, error.text};
}

}  // namespace

std::optional<std::variant<InputEvent, InputError>> EventReader::next() {
  auto line = take_line();
  while (line && !line->too_long && is_blank(line->text)) line = take_line();
  if (!line) return std::nullopt;
  if (line->too_long)
    return InputError{line->number, 1, "the line is longer than " + std::to_string(longest_event) + " bytes"};
  if (form_ == InputForm::lines || is_readable(line->text)) return InputEvent{line->number, std::move(line->text)};
  return read_on(std::move(*line));
}

/// Reads the value that begins with `first` and does not end there; or puts the lines behind it back.
std::variant<InputEvent, InputError> EventReader::read_on(Line first) {
  std::string text = first.text;
  JsonExtent extent;
  auto state = extent.add(text);
  std::deque<Line> others;
  while (state == JsonExtent::State::incomplete && read_twice_ < most_read_twice) {
    auto line = take_line();
    if (!line) break;
    state = line->too_long ? JsonExtent::State::broken : extent.add(line->text);
    (text += '\n') += line->text;
    if (text.size() > longest_event) state = JsonExtent::State::broken;
    others.push_back(std::move(*line));
  }
  if (state == JsonExtent::State::complete && is_readable(text)) return InputEvent{first.number, std::move(text)};
  if (!others.empty() && only_opens(first.text)) {
    auto error = error_in(text, first.number);
    if (state != JsonExtent::State::complete) {
      waiting_.push_front(std::move(others.back()));
      skip_to_next_value();
    }
    return error;
  }
  read_twice_ += text.size() - first.text.size();
  waiting_.insert(waiting_.begin(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  return error_in(first.text, first.number);
}

/// Lines within a value over several lines are indented.
void EventReader::skip_to_next_value() {
  while (auto line = take_line()) {
    if (!line->text.starts_with('{') && !line->text.starts_with('[')) continue;
    waiting_.push_front(std::move(*line));
    return;
  }
}

bool EventReader::is_readable(std::string_view text) {
  document_.parse(text);
  return document_.root().has_value();
}

std::optional<EventReader::Line> EventReader::take_line() {
  if (waiting_.empty()) return read_line();
  Line line = std::move(waiting_.front());
  waiting_.pop_front();
  return line;
}

std::optional<EventReader::Line> EventReader::read_line() {
  using Traits = std::istream::traits_type;
  if (input_.peek() == Traits::eof()) return std::nullopt;
  Line line{++last_line_, {}, false};
  std::streambuf& buffer = *input_.rdbuf();
  for (auto character = buffer.sbumpc(); character != Traits::eof() && character != '\n'; character = buffer.sbumpc()) {
    if (line.text.size() == longest_event) line.too_long = true;
    if (!line.too_long) line.text += Traits::to_char_type(character);
  }
  if (line.too_long) line.text.clear();
  if (line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

}  // namespace pbxbridge::explain
