#include "text/log_text.hpp"

#include "text/printable.hpp"

#include <algorithm>

namespace pbxbridge::text {

std::string log_text(std::string_view words, std::size_t limit, Ending ending) {
  // Far more than is shown: whatever is a secret at its end is found as the beginning of one.
  const std::size_t read = std::max<std::size_t>(8 * limit, 16'384);
  if (words.size() > read) ending = Ending::cut_off;
  return on_one_line(without_secrets(words.substr(0, read), ending), limit);
}

std::string with_peer_words(std::string text, std::string_view words, std::size_t limit) {
  if (!words.empty()) text.append("; reported: \"").append(log_text(words, limit)).append("\"");
  return text;
}

}  // namespace pbxbridge::text
