#include "explain/json_extent.hpp"

#include <algorithm>

namespace pbxbridge::explain {

namespace {

constexpr std::string_view structure = "{}[]:,\" \t\r\n";

/// Position behind the closing quotation mark of the string that begins at `begin`; npos where the line ends before.
std::size_t end_of_string(std::string_view line, std::size_t begin) {
  for (std::size_t i = begin + 1; i < line.size(); ++i) {
    if (line[i] == '\\')
      ++i;
    else if (line[i] == '"')
      return i + 1;
  }
  return std::string_view::npos;
}

}  // namespace

JsonExtent::State JsonExtent::add(std::string_view line) {
  for (std::size_t i = 0; i < line.size();) {
    const char character = line[i];
    if (json_blanks.find(character) != std::string_view::npos) {
      ++i;
      continue;
    }
    if (character == '"') {
      i = end_of_string(line, i);
      if (i == std::string_view::npos) return State::broken;
      if (expects_ == Expects::name || expects_ == Expects::name_or_end) {
        expects_ = Expects::colon;
        continue;
      }
      if (expects_ != Expects::value && expects_ != Expects::value_or_end) return State::broken;
      end_value();
    } else if (structure.find(character) != std::string_view::npos) {
      if (!take_structure(character)) return State::broken;
      ++i;
    } else {
      if (expects_ != Expects::value && expects_ != Expects::value_or_end) return State::broken;
      i = std::min(line.find_first_of(structure, i), line.size());
      end_value();
    }
  }
  return expects_ == Expects::nothing ? State::complete : State::incomplete;
}

bool JsonExtent::take_structure(char character) {
  switch (character) {
    case '{':
      return open(Expects::name_or_end);
    case '[':
      return open(Expects::value_or_end);
    case '}':
      return close(true);
    case ']':
      return close(false);
    case ':':
      if (expects_ != Expects::colon) return false;
      expects_ = Expects::value;
      return true;
    default:  // a comma
      if (expects_ != Expects::comma_or_end) return false;
      expects_ = open_.back() ? Expects::name : Expects::value;
      return true;
  }
}

bool JsonExtent::open(Expects first) {
  if (expects_ != Expects::value && expects_ != Expects::value_or_end) return false;
  open_.push_back(first == Expects::name_or_end);
  expects_ = first;
  return true;
}

bool JsonExtent::close(bool is_object) {
  const bool may_end =
      expects_ == Expects::comma_or_end || expects_ == (is_object ? Expects::name_or_end : Expects::value_or_end);
  if (!may_end || open_.empty() || open_.back() != is_object) return false;
  open_.pop_back();
  end_value();
  return true;
}

void JsonExtent::end_value() { expects_ = open_.empty() ? Expects::nothing : Expects::comma_or_end; }

}  // namespace pbxbridge::explain
