#pragma once

#include <string_view>

namespace pbxbridge::event {

/// The user of a SIP URI (RFC 3261 section 19.1.1): `101` of `sip:101@example.com;transport=tls`, also within `<...>`.
/// A text that is no URI is taken for the user itself: `101`. May be empty.
std::string_view sip_user(std::string_view uri);

}  // namespace pbxbridge::event
