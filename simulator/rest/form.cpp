#include "simulator/rest/form.hpp"

#include <charconv>

namespace pbxbridge::sim {

namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      unsigned value = 0;
      const auto pair = text.substr(i + 1, 2);
      const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
      if (pair.size() != 2 || error != std::errc() || end != pair.data() + 2) return std::nullopt;
      result += static_cast<char>(value);
      i += 2;
    }
  }
  return result;
}

}  // namespace

std::optional<Form> parse_form(std::string_view text) {
  Form form;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = decoded(pair.substr(0, equals));
    const auto value = decoded(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    form[*name] = *value;
  }
  return form;
}

std::string value_of(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

}  // namespace pbxbridge::sim
