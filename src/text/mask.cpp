#include "text/mask.hpp"

#include "text/ascii.hpp"

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

std::string plain_name(std::string_view text) {
  constexpr std::size_t longest = 64;
  constexpr std::ptrdiff_t most_digits = 5;
  static constexpr std::string_view marks = "_-.:";
  const auto is_of_names = [](char each) {
    return is_letter(each) || is_digit(each) || marks.find(each) != std::string_view::npos;
  };
  const bool is_plain = text.size() <= longest && std::ranges::all_of(text, is_of_names) &&
                        std::ranges::count_if(text, is_digit) <= most_digits;
  return is_plain ? std::string(text) : "(no plain name)";
}

}  // namespace pbxbridge::text
