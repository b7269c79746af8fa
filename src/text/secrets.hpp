#pragma once

// The secrets that this process knows, so that none of them is ever written where people read. A peer may repeat what
// it was sent, and a file may hold what its writer meant for another place.

#include <string>
#include <string_view>

namespace pbxbridge::text {

/// Stands in place of each secret, wherever one is left out.
inline constexpr std::string_view secret_mask = "[secret]";

/// Has `without_secrets` leave it out from now on, until the process ends: a peer may repeat an old one, too. From any
/// thread. One of a single byte would hide nothing and spoil every line, so it is left out.
void remember_secret(std::string_view secret);

/// The same for one of many that follow each other, such as the access tokens of one client: of these only the latest
/// eight are known.
void remember_token(std::string_view token);

/// The last word of a text may be the beginning of a secret.
enum class Ending {
  not_known,  ///< as somebody has written it, who may have cut it
  cut_off,    ///< it is as long as it can be there: what stands at its end need not be a whole word
};

/// Returns `text` with `[secret]` for each secret: as it is, percent-encoded, escaped as in JSON or HTML, in
/// hexadecimal digits and in Base64. Base64 is found as a part of a longer text, too, such as `user:password`, and over
/// several lines. One of 6 bytes or more is found in upper case and with blanks or unseen characters in it, too; and 4
/// bytes of its beginning or end, as they are, next to three asterisks or number signs. The password of a URL
/// (`//user:password@`) is hidden likewise, whoever's it is. The beginning of a secret at the very end of `text` is
/// hidden where it is half of it and at least 6 bytes: so no plain word is taken for one. Where the text is cut off, 4
/// bytes suffice. A secret of less than 4 bytes counts as a word of its own only. From any thread.
std::string without_secrets(std::string_view text, Ending ending = Ending::not_known);

}  // namespace pbxbridge::text
