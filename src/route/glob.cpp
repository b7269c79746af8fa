#include "route/glob.hpp"

#include "text/utf8.hpp"

#include <algorithm>
#include <optional>

namespace pbxbridge::route {

Glob::Glob(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escapes = pattern[i] == '\\' && i + 1 < pattern.size() &&
                         (pattern[i + 1] == '*' || pattern[i + 1] == '?' || pattern[i + 1] == '\\');
    if (escapes)
      elements_.push_back({Element::Kind::byte, pattern[++i]});
    else if (pattern[i] == '*')
      elements_.push_back({Element::Kind::any_text});
    else if (pattern[i] == '?')
      elements_.push_back({Element::Kind::any_character});
    else
      elements_.push_back({Element::Kind::byte, pattern[i]});
  }
  is_exact_ = std::ranges::all_of(elements_, [](const auto& element) { return element.kind == Element::Kind::byte; });
}

bool Glob::matches(std::string_view text) const {
  // On a mismatch the last `*` takes one byte more; earlier ones need not be tried again.
  std::size_t position = 0;
  std::size_t next = 0;
  std::optional<std::size_t> after_star;
  std::size_t star_end = 0;
  while (position < text.size()) {
    if (next < elements_.size() && elements_[next].kind == Element::Kind::any_text) {
      after_star = ++next;
      star_end = position;
    } else if (next < elements_.size() && elements_[next].kind == Element::Kind::any_character) {
      position += std::max<std::size_t>(text::utf8_length(text, position), 1);
      ++next;
    } else if (next < elements_.size() && elements_[next].byte == text[position]) {
      ++position;
      ++next;
    } else if (after_star) {
      next = *after_star;
      position = ++star_end;
    } else {
      return false;
    }
  }
  return std::all_of(elements_.begin() + static_cast<std::ptrdiff_t>(next), elements_.end(),
                     [](const auto& element) { return element.kind == Element::Kind::any_text; });
}

}  // namespace pbxbridge::route
