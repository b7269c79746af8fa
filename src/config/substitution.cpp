#include "config/substitution.hpp"

#include "config/schema/file_text.hpp"
#include "pbxbridge/config/document.hpp"

#include <cstdlib>

namespace pbxbridge::config {

namespace {

bool is_variable_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !name.empty() && digits.find(name.front()) == std::string_view::npos &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

std::string value_of_variable(std::string_view expression, Location location, Report& report) {
  const std::size_t separator = expression.find(":-");
  const std::string name(expression.substr(0, separator));
  if (!is_variable_name(name)) {
    report.error(location, "expected ${VARIABLE}, ${VARIABLE:-default} or ${file:/path}; write $$ for a plain $");
    return {};
  }
  const char* value = std::getenv(name.c_str());
  if (separator != std::string_view::npos)
    return value == nullptr || *value == '\0' ? std::string(expression.substr(separator + 2)) : value;
  if (value == nullptr) {
    report.error(location, "the environment has no variable " + name + "; set it, or write ${" + name + ":-default}");
    return {};
  }
  return value;
}

std::string value_of(std::string_view expression, Location location, Report& report) {
  constexpr std::string_view file_prefix = "file:";
  if (!expression.starts_with(file_prefix)) return value_of_variable(expression, location, report);
  auto text = read_value_file(expression.substr(file_prefix.size()));
  if (text) return std::move(*text);
  report.error(location, text.error().text);
  return {};
}

}  // namespace

std::string too_much_text() {
  return "more than " + std::to_string(max_document_text) +
         " bytes of text, what is substituted counted as it is then and aliases each time";
}

Substituted substitute(std::string_view text, Location location, Report& report) {
  Substituted result;
  const std::size_t errors_before = report.error_count();
  while (true) {
    const std::size_t dollar = text.find('$');
    result.text += text.substr(0, dollar);
    if (result.text.size() > max_document_text) report.error(location, too_much_text());
    result.failed = report.error_count() != errors_before;
    if (dollar == std::string_view::npos || result.failed) return result;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      result.text += '$';
      text.remove_prefix(1);
    } else if (text.starts_with('{')) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        report.error(location, "\"${\" has no closing \"}\"; write $$ for a plain $");
        result.failed = true;
        return result;
      }
      result.text += value_of(text.substr(1, end - 1), location, report);
      result.changed = true;
      text.remove_prefix(end + 1);
    } else {
      result.text += '$';
    }
  }
}

}  // namespace pbxbridge::config
