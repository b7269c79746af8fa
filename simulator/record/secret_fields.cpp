#include "simulator/record/secret_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pbxbridge::sim {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::array<std::string_view, 6> names{"token",    "access_token", "refresh_token",
                                                "id_token", "password",     "extension_password"};

/// Returns the end of the string that begins behind `begin`; that of the text where the string has none.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (auto place = begin; place < text.size(); ++place) {
    if (text[place] == '"') return place;
    if (text[place] == '\\') ++place;
  }
  return text.size();
}

void mask_field(std::string& message, std::string_view name) {
  const auto quoted = '"' + std::string(name) + '"';
  for (auto place = message.find(quoted); place != message.npos; place = message.find(quoted, place)) {
    place += quoted.size();
    const auto colon = message.find_first_not_of(blanks, place);
    if (colon == message.npos || message[colon] != ':') continue;
    const auto value = message.find_first_not_of(blanks, colon + 1);
    if (value == message.npos || message[value] != '"') continue;
    const auto begin = value + 1;
    const auto end = end_of_string(message, begin);
    if (end > begin) message.replace(begin, end - begin, secret_mask);
  }
}

}  // namespace

std::string without_secret_fields(std::string message) {
  for (const auto name : names) mask_field(message, name);
  return message;
}

}  // namespace pbxbridge::sim
