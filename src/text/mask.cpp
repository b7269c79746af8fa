#include "text/mask.hpp"

#include <algorithm>
#include <cstddef>

namespace pbxbridge::text {

std::string masked(std::string_view text) {
  constexpr std::size_t most_asterisks = 8;
  constexpr std::size_t most_shown = 2;
  const bool is_ascii = std::ranges::all_of(text, [](char each) { return each >= ' ' && each <= '~'; });
  const std::size_t shown = is_ascii ? std::min(text.size() / 4, most_shown) : 0;
  std::string result(std::min(text.size() - shown, most_asterisks), '*');
  return result.append(text.substr(text.size() - shown));
}

}  // namespace pbxbridge::text
