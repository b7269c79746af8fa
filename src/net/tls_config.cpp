#include "net/tls_config.hpp"

#include "config/schema/exposure.hpp"
#include "config/schema/file_text.hpp"
#include "pbxbridge/config/schema.hpp"

namespace pbxbridge::net {

namespace {

std::string wrong_alpn(std::string_view protocol) {
  return protocol.empty() || protocol.size() > 255 ? "must have 1 to 255 bytes" : "";  // RFC 7301, 3.1
}

void check_pair(const TlsConfig& tls, const config::WrittenKeys& written, config::Report& report) {
  if (tls.cert_file.empty() != tls.key_file.empty())
    report.error(written.location(tls.cert_file.empty() ? "key_file" : "cert_file"),
                 "\"cert_file\" and \"key_file\" go together");
}

void check_key(const TlsConfig& tls, const config::WrittenKeys& written, config::Report& report) {
  if (written.has("key_password") && tls.key_file.empty())
    report.error(written.location("key_password"), "\"key_password\" has no \"key_file\" to open");
  if (tls.key_file.empty() || !config::why_unreadable(tls.key_file).empty()) return;
  if (const auto exposed = config::exposed_to_readers(tls.key_file); !exposed.empty())
    report.warning(written.location("key_file"), "key_file: " + exposed);
}

void check_verification(const TlsConfig& tls, const config::WrittenKeys& written, config::Report& report) {
  if (tls.insecure_skip_verify)
    report.warning(written.location("insecure_skip_verify"),
                   "the certificate will NOT be verified: anyone on the way can read the password and forge events; "
                   "set \"ca_file\" instead");
}

}  // namespace

const config::Schema<TlsConfig>& TlsConfig::schema() {
  static const auto schema =
      config::Schema<TlsConfig>(
          "TLS as a client, version 1.2 at the least. Certificate and host name are verified unless set otherwise.")
          .field("ca_file", &TlsConfig::ca_file,
                 {.text = "Certificates of the authorities to trust, PEM. Left out: those of the system.",
                  .example = "/etc/pbxbridge/ca.pem",
                  .is_read = true})
          .field("cert_file", &TlsConfig::cert_file,
                 {.text = "Client certificate with its chain, PEM. Goes with `key_file`.",
                  .example = "/etc/pbxbridge/client.pem",
                  .is_read = true})
          .field("key_file", &TlsConfig::key_file,
                 {.text = "Private key of the client certificate, PEM.",
                  .example = "/etc/pbxbridge/client.key",
                  .is_read = true})
          .field("key_password", &TlsConfig::key_password, {.text = "Pass phrase of the private key."})
          .field("server_name", &TlsConfig::server_name,
                 {.text = "Name to verify and to send as SNI, instead of the host of the URL.",
                  .example = "pbx.example.com"})
          .field("alpn", &TlsConfig::alpn,
                 {.text = "Protocols to offer in the handshake (ALPN), the preferred one first, for servers that tell "
                          "protocols on one port apart by it.",
                  .example = "[x-amzn-mqtt-ca]",
                  .validate = wrong_alpn})
          .field(
              "insecure_skip_verify", &TlsConfig::insecure_skip_verify,
              {.text = "Accepts any certificate: anyone on the way can read the password and forge events. For a first "
                       "try only."})
          .check({"cert_file", "key_file"}, check_pair)
          .check({"key_file"}, check_key)
          .check({"insecure_skip_verify"}, check_verification);
  return schema;
}

}  // namespace pbxbridge::net
