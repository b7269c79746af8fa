#pragma once

namespace pbxbridge::net {

/// For TLS 1.2, as OpenSSL writes them: ephemeral keys, so that who records today cannot read once the server's key is
/// known (forward secrecy), with authenticated encryption. TLS 1.3 has no others.
inline constexpr const char* forward_secret_ciphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!aDSS:!PSK";

}  // namespace pbxbridge::net
