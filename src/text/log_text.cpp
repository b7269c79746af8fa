#include "text/log_text.hpp"

#include "text/printable.hpp"
#include "text/secrets.hpp"

#include <algorithm>

namespace pbxbridge::text {

std::string log_text(std::string_view words, std::size_t limit) {
  // Far more than is shown: whatever is a secret at its end is found as the beginning of one.
  const std::size_t read = std::max<std::size_t>(8 * limit, 16'384);
  return on_one_line(without_secrets(words.substr(0, read)), limit);
}

}  // namespace pbxbridge::text
