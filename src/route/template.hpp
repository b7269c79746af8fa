#pragma once

#include "pbxbridge/error.hpp"
#include "route/field.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pbxbridge::route {

/// A text with places for what an event holds: `pbx/{family}/{queue_number|none}`. `{NAME}` is a field (see
/// `field_from_string`), `{NAME|DEFAULT}` says what to take where it is missing or empty, `{{` and `}}` are braces.
class Template {
 public:
  struct Placeholder {
    std::string name;  ///< as written
    Field field;
    std::optional<std::string> default_text;
  };

  using Part = std::variant<std::string, Placeholder>;

  /// The error says what is wrong and at which character of the text, counted from 1.
  static Result<Template> parse(std::string_view text);

  /// Appends to `out`, the text of a field by `append(value, out)`. False where a field without a default is missing;
  /// `out` then ends anywhere. `Fields` is EventFields, or has the same `find`.
  template <class Fields, class Append>
  [[nodiscard]] bool render(Fields& fields, Append append, std::string& out) const;

  /// Without placeholders: the text is the same for every event.
  bool is_fixed() const;
  /// Texts that the operator wrote around the placeholders, and their defaults.
  std::vector<std::string_view> literals() const;
  std::vector<std::string_view> placeholder_names() const;
  /// Literal texts and placeholders as they follow one another.
  const std::vector<Part>& parts() const { return parts_; }

 private:
  friend class TemplateParser;
  std::vector<Part> parts_;
};

template <class Fields, class Append>
bool Template::render(Fields& fields, Append append, std::string& out) const {
  for (const auto& part : parts_) {
    if (const auto* const literal = std::get_if<std::string>(&part)) {
      out += *literal;
      continue;
    }
    const auto& placeholder = std::get<Placeholder>(part);
    const auto value = fields.find(placeholder.field);
    if (value && !value->empty())
      append(*value, out);
    else if (placeholder.default_text)
      out += *placeholder.default_text;
    else
      return false;
  }
  return true;
}

}  // namespace pbxbridge::route
