#include "tap/mask.hpp"

#include <algorithm>
#include <cstddef>

namespace pbxbridge::tap {

std::string masked(std::string_view text) {
  constexpr std::size_t most_asterisks = 8;
  const bool is_ascii = std::ranges::all_of(text, [](char each) { return each >= ' ' && each <= '~'; });
  const std::size_t shown = is_ascii ? text.size() / 4 : 0;
  std::string result(std::min(text.size() - shown, most_asterisks), '*');
  return result.append(text.substr(text.size() - shown));
}

}  // namespace pbxbridge::tap
