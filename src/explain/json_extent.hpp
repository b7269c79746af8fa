#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pbxbridge::explain {

/// Characters that JSON allows between its tokens (RFC 8259, 2).
inline constexpr std::string_view json_blanks = " \t\r\n";

/// Follows the structure of a JSON value over several lines, to know where it ends. Whether strings and numbers are
/// well formed is left to the parser.
class JsonExtent {
 public:
  enum class State : std::uint8_t {
    incomplete,  ///< the value goes on in the next line
    complete,    ///< it has ended, and nothing but blanks stands behind it
    broken,      ///< no value can begin like this
  };

  /// Takes on the next line, with or without its line break.
  State add(std::string_view line);

 private:
  enum class Expects : std::uint8_t { value, value_or_end, name, name_or_end, colon, comma_or_end, nothing };

  bool take_structure(char character);
  bool open(Expects first);
  bool close(bool is_object);
  void end_value();

  Expects expects_ = Expects::value;
  std::vector<bool> open_;  // true: an object, false: an array
};

}  // namespace pbxbridge::explain
