#include "config/schema/secret_names.hpp"

#include "pbxbridge/config/location.hpp"
#include "text/ascii.hpp"

#include <algorithm>
#include <array>

namespace pbxbridge::config {

std::string lower_case_key(std::string_view key) {
  std::string name;
  for (const char character : key)
    if (character != '"' && character != '\'' && static_cast<unsigned char>(character) < 0x80)
      name += text::lower_case(character);
  return name;
}

bool may_name_secret(std::string_view key, const std::vector<std::string_view>& secret_names) {
  constexpr std::array<std::string_view, 10> parts = {"pass",       "pwd",           "secret", "token", "apikey",
                                                      "credential", "authorization", ".key",   "_key",  "-key"};
  const std::string name = lower_case_key(key);
  if (name.empty() || name.ends_with("_file")) return false;
  if (name == "pw" || name == "value") return true;  // a header has its value under that key
  return std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != std::string::npos; }) ||
         std::ranges::find(secret_names, name) != secret_names.end() || !did_you_mean(name, secret_names).empty();
}

}  // namespace pbxbridge::config
