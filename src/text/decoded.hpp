#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::text {

/// A text and, for each of its bytes and its end, the place in the original that it was decoded from.
struct Decoded {
  std::string text;
  std::vector<std::size_t> places;
};

Decoded undecoded(std::string_view text);

/// Percent-encoding (RFC 3986 section 2.1). What is no escape stays.
Decoded percent_decoded(const Decoded& from);
/// The same in a form (application/x-www-form-urlencoded), where `+` is a blank.
Decoded form_decoded(const Decoded& from);
/// Escapes of JSON strings (RFC 8259 section 7).
Decoded json_decoded(const Decoded& from);
/// Numeric references of HTML, and the five names of XML.
Decoded html_decoded(const Decoded& from);

/// No decoding: leaves out blanks and what breaks or feeds a line.
Decoded without_blanks(const Decoded& from);

/// No decoding: in lower case, without blanks, line breaks, and what nobody sees.
Decoded folded(const Decoded& from);

/// `text` and what it means in each of these encodings, also where it was encoded twice, such as a URL in JSON. Each
/// meaning once, `text` itself first.
std::vector<Decoded> decodings(std::string_view text);

}  // namespace pbxbridge::text
