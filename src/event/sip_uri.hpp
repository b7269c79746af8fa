#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::event {

/// The user that a SIP address names (RFC 3261 sections 19.1.1 and 25.1): `101` of `sip:101:secret@example.com;lr`, of
/// `"Ada <boss>" <sip:101@example.com>;tag=1` and of `101@example.com`; the number of a `tel:` URI (RFC 3966); the user
/// of a URI of another kind (`im:101@example.com`). Escapes are decoded (`%2B` is `+`). A telephone number is without
/// its parameters (`;phone-context=...`); of any other user of SIP they are a part. Of a list, the first address
/// counts.
///
/// A text that is no URI is taken for the user itself: `101`, and so is what stands in the place of the host alone,
/// `sip:101`, unless it is the name or the address of a host. May be empty. The view is of `address` or of `buffer`.
std::string_view sip_user(std::string_view address, std::string& buffer);

}  // namespace pbxbridge::event
