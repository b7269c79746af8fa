#include "sink/kafka/certificate_names.hpp"

#include "memory/free_with.hpp"
#include "net/tls_policy.hpp"
#include "sink/kafka/kafka_error_text.hpp"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace pbxbridge::sink {

namespace {

using Certificate = std::unique_ptr<X509, memory::FreeWith<X509_free>>;

/// Takes HOST:PORT or [ADDRESS]:PORT.
std::string host_of(std::string_view broker) {
  std::string_view host = broker.substr(0, broker.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

/// librdkafka's callback for each certificate of a chain; the broker's own has depth 0.
int verify(rd_kafka_t*, const char* broker, std::int32_t, int* x509_error, int depth, const char* der, std::size_t size,
           char* text, std::size_t text_size, void*) {
  const auto say = [&](const std::string& reason) { *fmt::format_to_n(text, text_size - 1, "{}", reason).out = '\0'; };
  if (*x509_error != X509_V_OK) {
    say(X509_verify_cert_error_string(*x509_error));
    return 0;
  }
  if (depth > 0) return 1;
  const auto* bytes = reinterpret_cast<const unsigned char*>(der);
  const Certificate certificate(d2i_X509(nullptr, &bytes, static_cast<long>(size)));
  const std::string host = host_of(plain_broker_name(broker));
  if (certificate != nullptr && names_host(certificate.get(), host)) return 1;
  *x509_error = X509_V_ERR_HOSTNAME_MISMATCH;
  say(fmt::format("the certificate does not name {} in its subjectAltName, and a common name does not count", host));
  return 0;
}

}  // namespace

bool names_host(X509* certificate, const std::string& host) {
  return X509_check_ip_asc(certificate, host.c_str(), 0) == 1 ||
         X509_check_host(certificate, host.data(), host.size(), net::host_check_flags, nullptr) == 1;
}

void demand_subject_alt_names(rd_kafka_conf_t* conf) { rd_kafka_conf_set_ssl_cert_verify_cb(conf, &verify); }

}  // namespace pbxbridge::sink
