#include "config/substitution.hpp"

#include "config/schema/file_text.hpp"
#include "pbxbridge/config/document.hpp"

#include <cstdlib>
#include <utility>

namespace pbxbridge::config {

namespace {

bool is_variable_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !name.empty() && digits.find(name.front()) == std::string_view::npos &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

/// One text in which expressions are replaced.
class Substitution {
 public:
  Substitution(Location location, ValueFiles& files, Report& report)
      : location_(location), files_(files), report_(report) {}

  Substituted take() { return std::move(result_); }

  void put(std::string_view text) {
    result_.text += text;
    if (result_.text.size() > max_document_text) fail(too_much_text());
  }

  void put_value_of(std::string_view expression) {
    constexpr std::string_view file_prefix = "file:";
    result_.changed = true;
    if (expression.starts_with(file_prefix))
      put_file(std::string(expression.substr(file_prefix.size())));
    else
      put_variable(expression);
  }

  void fail(std::string problem) {
    report_.error(location_, std::move(problem));
    result_.failed = true;
  }
  bool has_failed() const { return result_.failed; }

 private:
  void put_file(std::string path) {
    const auto text = files_.read(path);
    if (!text) return fail(text.error().text);
    put(*text);
    result_.files.push_back(std::move(path));
  }

  void put_variable(std::string_view expression) {
    const std::size_t separator = expression.find(":-");
    const std::string name(expression.substr(0, separator));
    if (!is_variable_name(name))
      return fail("expected ${VARIABLE}, ${VARIABLE:-default} or ${file:/path}; write $$ for a plain $");
    const char* value = std::getenv(name.c_str());
    if (separator != std::string_view::npos && (value == nullptr || *value == '\0')) {
      const std::string_view substitute = expression.substr(separator + 2);
      result_.takes_default = result_.takes_default || !substitute.empty();
      return put(substitute);
    }
    if (value == nullptr)
      return fail("the environment has no variable " + name + "; set it, or write ${" + name + ":-default}");
    put(value);
  }

  Location location_;
  ValueFiles& files_;
  Report& report_;
  Substituted result_;
};

}  // namespace

std::string too_much_text() {
  return "more than " + std::to_string(max_document_text) +
         " bytes of text, what is substituted counted as it is then and aliases each time";
}

Result<std::string> ValueFiles::read(const std::string& path) {
  if (const auto known = values_.find(path); known != values_.end()) return known->second;
  if (values_.size() >= max_value_files)
    return Error{ErrorCategory::configuration,
                 "more than " + std::to_string(max_value_files) + " files are named as ${file:/path}"};
  return values_.emplace(path, read_value_file(path)).first->second;
}

Substituted substitute(std::string_view text, Location location, ValueFiles& files, Report& report) {
  Substitution substitution(location, files, report);
  while (!substitution.has_failed()) {
    const std::size_t dollar = text.find('$');
    substitution.put(text.substr(0, dollar));
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('{')) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        substitution.fail("\"${\" has no closing \"}\"; write $$ for a plain $");
        break;
      }
      substitution.put_value_of(text.substr(1, end - 1));
      text.remove_prefix(end + 1);
    } else {
      substitution.put("$");
      if (text.starts_with('$')) text.remove_prefix(1);
    }
  }
  return substitution.take();
}

}  // namespace pbxbridge::config
