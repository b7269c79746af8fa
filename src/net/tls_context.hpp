#pragma once

#include "net/tls_config.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>

namespace pbxbridge::net {

/// TLS 1.2 at the least, with forward secrecy (tls_policy.hpp), the peer's certificate verified unless the
/// configuration says otherwise. Reads the files again at each call, so that renewed certificates are used at the next
/// attempt.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const net::TlsConfig& config);

/// Sends `name` as SNI and, where certificates are verified, accepts only one made out to it in its subjectAltName; the
/// common name is not looked at (RFC 9525). A name that is an address is compared with the addresses in the
/// certificate, and is not sent (RFC 6066).
Result<void> expect_server_name(SSL* connection, const std::string& name, bool verify);

/// The same for the context of another library, all of whose connections are to `name`, as `expect_server_name` expects
/// it.
Result<void> configure_tls(SSL_CTX* context, const TlsConfig& config, const std::string& name);

/// Returns why a certificate was not accepted, as a clause; `verdict` is OpenSSL's, and not X509_V_OK.
std::string certificate_problem(long verdict, const std::string& name);

/// Returns why a TLS handshake failed, as a clause.
std::string tls_failure(SSL* connection, const boost::system::error_code& error, const std::string& name);

}  // namespace pbxbridge::net
