#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pbxbridge::route {

/// A pattern: `*` stands for any text, `?` for any one character (UTF-8), `\*`, `\?` and `\\` for the character itself.
/// Compares exactly; upper and lower case differ.
class Glob {
 public:
  explicit Glob(std::string_view pattern);

  bool matches(std::string_view text) const;
  /// Without wildcards: matches one text only.
  bool is_exact() const { return is_exact_; }

 private:
  struct Element {
    enum class Kind : std::uint8_t { byte, any_character, any_text } kind = Kind::byte;
    char byte = 0;
  };
  std::vector<Element> elements_;
  bool is_exact_ = true;
};

}  // namespace pbxbridge::route
