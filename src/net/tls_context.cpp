#include "net/tls_context.hpp"

#include "config/schema/file_text.hpp"
#include "net/tls_policy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Error tls_error(std::string text) { return Error{ErrorCategory::tls, std::move(text)}; }

/// A bundle of all public authorities has a quarter of a megabyte.
constexpr std::size_t largest_file = 16 * 1024 * 1024;

Error file_error(const char* setting, const std::filesystem::path& path, const std::string& problem) {
  return tls_error(fmt::format("{} {} is not usable: {}", setting, path.string(), problem));
}

/// Reads it here and not in OpenSSL, which would wait forever for a pipe or a file system that does not answer.
Result<void> use_file(const char* setting, const std::filesystem::path& path,
                      const std::function<void(boost::asio::const_buffer, error_code&)>& use) {
  const auto text = config::read_file_in_time(path, largest_file);
  if (!text) return file_error(setting, path, text.error().text);
  error_code error;
  use(boost::asio::buffer(*text), error);
  return error ? Result<void>(file_error(setting, path, error.message())) : Result<void>();
}

bool is_address(const std::string& name) {
  error_code not_numeric;
  boost::asio::ip::make_address(name, not_numeric);
  return !not_numeric;
}

/// OpenSSL keeps it for an application's own verdict; ours: the name matches nothing, for there is none.
constexpr int no_alternative_name = X509_V_ERR_APPLICATION_VERIFICATION;

int tell_missing_name(int ok, X509_STORE_CTX* verification) {
  const int verdict = X509_STORE_CTX_get_error(verification);
  const bool mismatch = verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  const X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  if (ok == 0 && mismatch && certificate != nullptr && X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0)
    X509_STORE_CTX_set_error(verification, no_alternative_name);
  return ok;
}

bool is_tls_reason(const error_code& error, int reason) {
  return error.category() == boost::asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == reason;
}

/// A peer that has no TLS hangs up, or answers in plain text.
bool speaks_no_tls(const error_code& error) {
  if (error == ssl::error::stream_truncated || error == boost::asio::error::eof ||
      error == boost::asio::error::connection_reset)
    return true;
  return is_tls_reason(error, SSL_R_WRONG_VERSION_NUMBER);
}

/// Suggests a cause of a handshake's error, in brackets; empty where none is known.
std::string_view hint(const error_code& error) {
  if (speaks_no_tls(error)) return " (is that port without TLS?)";
  if (is_tls_reason(error, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE))
    return " (the peer wants other ciphers than TLS 1.3, or TLS 1.2 with ECDHE or DHE and AES-GCM or ChaCha20: those "
           "without forward secrecy are not offered; or it wants a client certificate)";
  if (is_tls_reason(error, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) || is_tls_reason(error, SSL_R_UNSUPPORTED_PROTOCOL))
    return " (the peer has nothing newer than TLS 1.1, and 1.2 is the least)";
  return "";
}

/// Each with its length before it (RFC 7301, 3.1).
Result<void> offer_protocols(ssl::context& context, const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) list += static_cast<char>(protocol.size()) + protocol;
  if (list.empty()) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(list.data());
  if (SSL_CTX_set_alpn_protos(context.native_handle(), bytes, static_cast<unsigned>(list.size())) != 0)
    return tls_error("alpn is not usable");
  return {};
}

Result<void> use_client_certificate(ssl::context& context, const net::TlsConfig& config) {
  std::string key_password;
  if (config.key_password.is_set()) {
    auto secret = config.key_password.read();
    if (!secret) return secret.error();
    key_password = std::move(secret.value());
  }
  error_code error;
  // Set always: without one OpenSSL would ask at the terminal.
  context.set_password_callback([key_password](std::size_t, ssl::context::password_purpose) { return key_password; },
                                error);
  if (auto used = use_file("cert_file", config.cert_file,
                           [&](auto chain, error_code& failed) { context.use_certificate_chain(chain, failed); });
      !used)
    return used;
  if (auto used =
          use_file("key_file", config.key_file,
                   [&](auto key, error_code& failed) { context.use_private_key(key, ssl::context::pem, failed); });
      !used)
    return used;
  if (SSL_CTX_check_private_key(context.native_handle()) != 1)
    return tls_error(fmt::format("key_file {} is not the key of the certificate in cert_file {}",
                                 config.key_file.string(), config.cert_file.string()));
  return {};
}

Result<void> configure(ssl::context& context, const TlsConfig& config) {
  error_code error;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_compression, error);
  if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1)
    return tls_error("TLS 1.2 could not be made the minimum");
  if (SSL_CTX_set_cipher_list(context.native_handle(), forward_secret_ciphers) != 1)
    return tls_error("OpenSSL has none of the ciphers with forward secrecy");
  SSL_CTX_set_verify(context.native_handle(), config.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     tell_missing_name);
  if (config.ca_file.empty()) {
    context.set_default_verify_paths(error);
    if (error) return tls_error("the system's certificates are not usable: " + error.message());
  } else if (auto used = use_file(
                 "ca_file", config.ca_file,
                 [&](auto authorities, error_code& failed) { context.add_certificate_authority(authorities, failed); });
             !used) {
    return used;
  }
  if (auto offered = offer_protocols(context, config.alpn); !offered) return offered;
  return config.cert_file.empty() ? Result<void>() : use_client_certificate(context, config);
}

Result<void> expect_name(X509_VERIFY_PARAM* expected, const std::string& name) {
  X509_VERIFY_PARAM_set_hostflags(expected, host_check_flags);
  const int set = is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                                   : X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size());
  if (set != 1) return tls_error(fmt::format("{} is not usable as the name to verify", name));
  return {};
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const net::TlsConfig& config) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (auto configured = configure(*context, config); !configured) return configured.error();
  return context;
}

Result<void> configure_tls(SSL_CTX* context, const TlsConfig& config, const std::string& name) {
  SSL_CTX_up_ref(context);
  ssl::context shared(context);  // which frees one reference
  if (auto configured = configure(shared, config); !configured) return configured;
  return config.insecure_skip_verify ? Result<void>() : expect_name(SSL_CTX_get0_param(context), name);
}

Result<void> expect_server_name(SSL* connection, const std::string& name, bool verify) {
  if (!is_address(name) && SSL_set_tlsext_host_name(connection, name.c_str()) != 1)
    return tls_error(fmt::format("{} is not usable as a server name", name));
  if (!verify) return {};
  return expect_name(SSL_get0_param(connection), name);
}

std::string tls_failure(SSL* connection, const error_code& error, const std::string& name) {
  const long verdict = SSL_get_verify_result(connection);
  if (verdict == X509_V_OK) return fmt::format("the TLS handshake failed: {}{}", error.message(), hint(error));
  const bool has_other_name = verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return certificate_problem(verdict, name) + (has_other_name ? " (set tls.server_name if it has another name)" : "");
}

std::string certificate_problem(long verdict, const std::string& name) {
  if (verdict == no_alternative_name)
    return fmt::format(
        "its certificate has no subjectAltName, so it is made out to nobody: a common name alone does not "
        "count; have it issued again with {} as subjectAltName",
        name);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return fmt::format("its certificate is not made out to {}", name);
  return fmt::format("its certificate is not trusted: {} (tls.ca_file names the authority to trust)",
                     X509_verify_cert_error_string(verdict));
}

}  // namespace pbxbridge::net
