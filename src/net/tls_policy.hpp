#pragma once

// Demands of every TLS connection of ours, whichever library makes it.

#include <openssl/x509v3.h>

namespace pbxbridge::net {

/// Ciphers of TLS 1.2, as OpenSSL writes them: ephemeral keys, so that who records today cannot read once the server's
/// key is known (forward secrecy), with authenticated encryption. TLS 1.3 has no others.
inline constexpr const char* forward_secret_ciphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!aDSS:!PSK";

/// A host is named by a certificate's subjectAltName; a common name does not count (RFC 6125, 6.4.4).
inline constexpr unsigned host_check_flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

}  // namespace pbxbridge::net
