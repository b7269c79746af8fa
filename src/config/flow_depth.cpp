#include "config/flow_depth.hpp"

#include <algorithm>

namespace pbxbridge::config {

std::size_t FlowDepth::at(std::size_t position) {
  while (position_ < position) {
    const char character = text_[position_];
    const char before = position_ == 0 ? '\n' : text_[position_ - 1];
    if (character == '#' && std::string_view(" \t\n").find(before) != std::string_view::npos) {
      position_ = std::min(text_.find('\n', position_), text_.size());
      continue;
    }
    // A key at the left margin is one of the whole document, whatever was left open.
    const bool is_at_margin = before == '\n' && std::string_view(" \t\r\n}]").find(character) == std::string_view::npos;
    if (is_at_margin) depth_ = 0;
    if (character == '{' || character == '[')
      ++depth_;
    else if ((character == '}' || character == ']') && depth_ > 0)
      --depth_;
    ++position_;
  }
  return depth_;
}

}  // namespace pbxbridge::config
