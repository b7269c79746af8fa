#pragma once

// Words of a peer, which may repeat what it knows of people: what it was sent, and what others told it. What may be of
// a person is shown as what it is instead: `(a number)`.

#include "text/secrets.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::text {

/// A part of a text, and what is shown in its place.
struct Hidden {
  std::size_t begin;
  std::size_t end;
  std::string shown;
};
using HiddenParts = std::vector<Hidden>;

/// Each occurrence of `part` in `words`.
void hide_all(std::string_view words, std::string_view part, std::string_view shown, HiddenParts& parts);

/// Numbers as long as a phone's, of six digits and more, also with `+ - . / ( )` and blanks between the digits. A
/// status code, a short extension and an IPv4 address with its port stay.
void hide_numbers(std::string_view words, HiddenParts& parts);

/// Hides what looks like a topic. A URL does not.
void hide_topics(std::string_view words, HiddenParts& parts);

/// All from the first brace on that looks like the beginning of a JSON object, however it is escaped.
void hide_json(std::string_view words, HiddenParts& parts);

/// `words` with what is shown for each part. Of parts that overlap nothing is left; the longest of those that begin
/// first says what is shown.
std::string without_hidden(std::string_view words, HiddenParts parts);

/// Words of a peer that knows nobody but by numbers, fit for a log line: without numbers and JSON, otherwise as
/// `text::log_text` leaves them.
std::string peer_log_text(std::string_view words, std::size_t limit = 200, Ending ending = Ending::not_known);

/// `text`, and then as `peer_log_text` what a peer reported alongside it, if anything: for words that nobody compares
/// with what the peer was sent.
std::string with_peer_log_text(std::string text, std::string_view words);

}  // namespace pbxbridge::text
