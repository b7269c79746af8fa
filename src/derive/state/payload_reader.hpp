#pragma once

#include "derive/state/rows.hpp"
#include "event/json_document.hpp"

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::derive::state {

/// Longest id, number of an extension or session that names a row, in bytes: such a name must not be cut, for two rows
/// could come to have the same.
inline constexpr std::size_t id_size_max = 64;
/// Longest of the other texts of a row; what is longer is cut.
inline constexpr std::size_t text_size_max = 256;

/// Reads the fields of an object of a payload, whatever the PBX has made of them: a number may come as a text, and the
/// other way round. A field that is repeated counts with its first value, as everywhere in pbxbridge. Views are valid
/// until the next call.
class PayloadReader {
 public:
  explicit PayloadReader(simdjson::dom::object object) : object_(object) {}
  PayloadReader(const PayloadReader&) = delete;
  PayloadReader& operator=(const PayloadReader&) = delete;

  /// Returns nothing where the field is missing, or is no text, number or boolean.
  std::optional<std::string_view> text(std::string_view field);
  /// The user of a SIP address, or the number itself, as an attribute of an event would have it.
  std::optional<std::string_view> party(std::string_view field);
  /// A text that may name a row.
  std::optional<std::string_view> id(std::string_view field);
  /// The user of a SIP address, as a text that may name a row.
  std::optional<std::string_view> extension(std::string_view field);
  std::optional<bool> flag(std::string_view field);
  std::optional<Seconds> time(std::string_view field);
  std::optional<simdjson::dom::array> array(std::string_view field) const;

 private:
  std::optional<std::string_view> whole_text(std::string_view field);
  std::optional<std::string_view> user(std::string_view field);

  simdjson::dom::object object_;
  event::ScalarText digits_;
  std::string buffer_;
  std::string replaced_;
};

/// A text, number or boolean as text; nothing for others, and for a number that is not whole or beyond 53 bits with an
/// exponent or a fraction of zero: a double has not kept its digits.
std::optional<std::string_view> scalar_text(simdjson::dom::element value, event::ScalarText& digits,
                                            std::string& buffer);

/// Returns whether the text may name a row.
bool is_id(std::string_view text);

}  // namespace pbxbridge::derive::state
