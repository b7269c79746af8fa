#pragma once

#include "pbxbridge/error.hpp"
#include "route/event_fields.hpp"
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

  /// The error says what is wrong and at which character of the text, counted from 1.
  static Result<Template> parse(std::string_view text);

  /// How the text of a field is put in.
  using AppendValue = void (*)(std::string_view value, std::string& out);

  /// Appends to `out`. False where a field without a default is missing; `out` then ends anywhere.
  [[nodiscard]] bool render(EventFields& fields, AppendValue append, std::string& out) const;

  /// Without placeholders: the text is the same for every event.
  bool is_fixed() const;
  /// Texts that the operator wrote around the placeholders, and their defaults.
  std::vector<std::string_view> literals() const;
  std::vector<std::string_view> placeholder_names() const;

 private:
  friend class TemplateParser;
  using Part = std::variant<std::string, Placeholder>;
  std::vector<Part> parts_;
};

}  // namespace pbxbridge::route
