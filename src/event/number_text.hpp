#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::event {

/// Text of a number by the grammar of JSON (RFC 8259 section 6): a whole number of at most 64 digits as those digits,
/// whatever the form it was written in (`100000.0` and `1e5` are `100000`), exact at any size; another as it stands.
/// `token` is such a number; the view is of `token` or of `buffer`.
std::string_view number_text(std::string_view token, std::string& buffer);

/// The whole part of a number by the same grammar, in which leading zeros may stand too. Nothing for another text, for
/// a negative one, and where it does not fit.
std::optional<std::int64_t> whole_part(std::string_view text);

}  // namespace pbxbridge::event
