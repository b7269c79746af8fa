#include "route/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::route {

class TemplateParser {
 public:
  explicit TemplateParser(std::string_view text) : text_(text) {}

  Result<Template> run() {
    while (position_ < text_.size()) {
      const char character = text_[position_];
      const bool doubled = position_ + 1 < text_.size() && text_[position_ + 1] == character;
      if (character != '{' && character != '}') {
        literal_ += character;
        ++position_;
      } else if (doubled) {
        literal_ += character;
        position_ += 2;
      } else if (character == '}') {
        return error("\"}\" closes nothing; write \"}}\" for the character itself");
      } else if (auto problem = placeholder(); !problem.empty()) {
        return error(problem);
      }
    }
    end_literal();
    return std::move(template_);
  }

 private:
  Error error(std::string_view problem) const {
    return {ErrorCategory::configuration, fmt::format("{} (at character {})", problem, position_ + 1)};
  }

  void end_literal() {
    if (!literal_.empty()) template_.parts_.emplace_back(std::exchange(literal_, {}));
  }

  /// Reads from `{` to `}`. Returns what is wrong, or an empty text.
  std::string placeholder() {
    const auto end = text_.find('}', position_);
    if (end == std::string_view::npos) return "\"{\" is not closed; write \"{{\" for the character itself";
    const auto inside = text_.substr(position_ + 1, end - position_ - 1);
    if (inside.find('{') != std::string_view::npos) return "\"{\" inside a placeholder";
    const auto bar = inside.find('|');
    const auto name = inside.substr(0, bar);
    auto field = field_from_string(name);
    if (!field || name.find_first_of(" \t\n") != std::string_view::npos)
      return fmt::format("\"{{{}}}\" names no field", inside);
    end_literal();
    Template::Placeholder placeholder{std::string(name), std::move(*field), std::nullopt};
    if (bar != std::string_view::npos) placeholder.default_text = inside.substr(bar + 1);
    template_.parts_.emplace_back(std::move(placeholder));
    position_ = end + 1;
    return {};
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string literal_;
  Template template_;
};

Result<Template> Template::parse(std::string_view text) { return TemplateParser(text).run(); }

bool Template::is_fixed() const {
  return std::ranges::all_of(parts_, [](const auto& part) { return std::holds_alternative<std::string>(part); });
}

std::vector<std::string_view> Template::literals() const {
  std::vector<std::string_view> texts;
  for (const auto& part : parts_) {
    if (const auto* const literal = std::get_if<std::string>(&part))
      texts.emplace_back(*literal);
    else if (const auto& text = std::get<Placeholder>(part).default_text)
      texts.emplace_back(*text);
  }
  return texts;
}

std::vector<std::string_view> Template::placeholder_names() const {
  std::vector<std::string_view> names;
  for (const auto& part : parts_)
    if (const auto* const placeholder = std::get_if<Placeholder>(&part)) names.emplace_back(placeholder->name);
  return names;
}

}  // namespace pbxbridge::route
