#pragma once

#include "text/secrets.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pbxbridge::text {

/// Words of a peer or of a file, made fit for a log line, an error or a stored reason: without secrets, which are left
/// out before anything is cut (text/secrets.hpp), on one line of printable UTF-8 of at most `limit` bytes, what is left
/// out shown by "...". `ending`: of `words`, for who knows where a peer had to cut them.
std::string log_text(std::string_view words, std::size_t limit = 200, Ending ending = Ending::not_known);

/// TEXT; reported: "WORDS": a sentence of ours and the words of a peer, fit for a log line as above; the sentence alone
/// where there are none.
std::string with_peer_words(std::string text, std::string_view words, std::size_t limit = 200);

}  // namespace pbxbridge::text
