#pragma once

#include "simulator/record/field_kinds.hpp"
#include "simulator/record/pseudonyms.hpp"
#include "simulator/record/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Makes a recording fit to be given away: every number, name, address and id in it is replaced by a pseudonym, and so
/// is whatever is not known to be harmless, the names of fields among it. What stays: structure, order, repeated
/// fields, the protocol's own words, booleans, counts. Times are moved by a number of weeks that depends on the key; a
/// number that is no time of the session may be anything, and is replaced.
class Sanitiser {
 public:
  using Words = std::set<std::string, std::less<>>;

  /// UNIX time, in seconds.
  struct Span {
    std::int64_t first;
    std::int64_t last;
  };

  /// `keep`: words that are let through as the name of a field, or as a value where the protocol's own words stand.
  Sanitiser(std::string key, Words keep);

  /// Moves only times in this span from here on. Before the first call there is none.
  void set_span(Span span) { span_ = span; }

  /// One message. It need not be JSON: what is none has its words replaced all the same.
  std::string message(std::string_view text);
  RecordedMessage message(RecordedMessage recorded);
  /// The head's time, moved as those in the messages are.
  std::int64_t started_us(std::int64_t unix_us) const;

  /// The unknown names of fields and unknown words in the place of the protocol's own that were replaced, and how
  /// often. For whoever made the recording only.
  const std::map<std::string, std::size_t>& unknown_words() const { return unknown_words_; }

 private:
  /// An array or an object that is open. In an array each value is of the kind of the array's own field.
  struct Open {
    bool is_object;
    FieldKind kind;
  };

  void take_string(std::string_view& rest, std::string& out);
  void take_structure(char character);
  void take_token(std::string_view& rest, std::string& out);
  std::string field_name(std::string_view written, const std::string& name);
  std::string value(std::string_view written, const std::string& text);
  std::string number(std::string_view token);
  bool is_harmless(const std::string& text);
  /// Empty where it is none of a time's usual forms, or outside the span.
  std::string moved_time(const std::string& digits) const;
  FieldKind kind() const;

  Pseudonyms pseudonyms_;
  Words keep_;
  std::int64_t moved_by_seconds_;
  std::optional<Span> span_;
  std::map<std::string, std::size_t> unknown_words_;
  std::vector<Open> open_;                     // those around the place that is being read
  FieldKind field_kind_ = FieldKind::content;  // kind of the value that comes next in an object, or at the top
};

}  // namespace pbxbridge::sim
