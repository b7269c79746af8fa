#pragma once

#include "pbxbridge/event.hpp"

#include <simdjson.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::event {

/// A parsed payload, for reading its fields. Holds the parser's buffers, so keep one for the thread.
///
/// What is nearly JSON (a byte order mark, Latin-1 in a name, an integer of 30 digits) can be read all the same; `kind`
/// then still says `not_json` where the bytes are none by RFC 8259. What is nested deeper than 1,024 levels, where
/// simdjson stops, counts as none.
class JsonDocument {
 public:
  /// Parses, or does nothing where `payload` equals the one parsed last. Never throws but for memory.
  void parse(std::string_view payload);

  PayloadKind kind() const { return kind_; }
  /// A number did not fit 64 bits; it is a string of the same digits here.
  bool has_huge_number() const { return has_huge_number_; }
  /// Nothing where nothing could be read. Valid until the next `parse`.
  const std::optional<simdjson::dom::element>& root() const { return root_; }

 private:
  bool parse_text(std::string_view text);
  void let_go_of_large_buffers(std::size_t size);

  simdjson::dom::parser parser_;
  std::string payload_;  // with simdjson's padding behind it
  std::size_t payload_size_ = 0;
  std::string mended_;
  bool parsed_ = false;
  PayloadKind kind_ = PayloadKind::not_json;
  bool has_huge_number_ = false;
  std::optional<simdjson::dom::element> root_;
};

/// The text of a string, number or boolean; integers keep their digits, other numbers are written in the shortest form.
class ScalarText {
 public:
  /// Nothing for null, arrays and objects. The view is valid as long as this object and the document.
  std::optional<std::string_view> of(simdjson::dom::element value);

 private:
  std::array<char, 32> buffer_;
};

}  // namespace pbxbridge::event
