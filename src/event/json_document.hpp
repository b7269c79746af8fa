#pragma once

#include "event/json_repair.hpp"
#include "pbxbridge/event_kinds.hpp"

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::event {

/// A parsed payload, for reading its fields. Holds the parser's buffers, so keep one for the thread.
///
/// Reads bytes that are nearly JSON (a byte order mark, Latin-1 in a name, an integer of 30 digits) all the same;
/// `kind` then still says `not_json` where they are none by RFC 8259. Nesting deeper than 1,024 levels, where simdjson
/// stops, is not read.
class JsonDocument {
 public:
  /// Parses, or does nothing where `payload` equals the one parsed last. Never throws but for memory.
  void parse(std::string_view payload);

  PayloadKind kind() const { return kind_; }
  bool is_utf8() const { return is_utf8_; }
  /// A number did not fit 64 bits; it is a string of the same digits here.
  bool has_huge_number() const { return has_huge_number_; }
  /// Returns nothing where nothing could be read. Valid until the next `parse`.
  const std::optional<simdjson::dom::element>& root() const { return root_; }

  /// The number at `path` as it is written, which simdjson's tree does not keep of one with a fraction or an exponent.
  /// Nothing where no value is there. The document is read once more for it, so ask for few.
  std::optional<std::string_view> number_token(std::span<const std::string_view> path);

 private:
  bool parse_text(std::string_view text);
  bool parse_repaired(RepairedJson repaired);
  void let_go_of_large_buffers(std::size_t size);

  simdjson::dom::parser parser_;
  std::string_view parsed_text_;  // with simdjson's padding after it
  std::string payload_;           // with simdjson's padding after it
  std::size_t payload_size_ = 0;
  std::string repaired_;
  bool parsed_ = false;
  PayloadKind kind_ = PayloadKind::not_json;
  bool is_utf8_ = true;
  bool has_huge_number_ = false;
  std::optional<simdjson::dom::element> root_;
};

/// The index that a segment of a path is where it leads into an array; nothing where it is none.
std::optional<std::size_t> array_index(std::string_view segment);

/// The text of a string, number or boolean. Numbers are as `number_text` has them, whole ones exact at any size.
class ScalarText {
 public:
  /// Returns nothing for null, arrays and objects. `path` leads from the root of `document` to `value`. The view is
  /// valid as long as this object and the document.
  template <class Path>
  std::optional<std::string_view> of(simdjson::dom::element value, JsonDocument& document, const Path& path) {
    if (!value.is_double()) return of_exact(value);
    const std::vector<std::string_view> segments(path.begin(), path.end());
    return of_token(document.number_token(segments));
  }

  /// The same without a look at the document, and so cheap however often it is asked: nothing for a number with a
  /// fraction or an exponent.
  std::optional<std::string_view> of_exact(simdjson::dom::element value);

 private:
  std::optional<std::string_view> of_token(std::optional<std::string_view> token);

  std::array<char, 32> digits_;
  std::string number_;
};

}  // namespace pbxbridge::event
