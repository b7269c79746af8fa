#pragma once

#include "memory/free_with.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::net {

/// Facts about a peer's certificate that an operator should know.
struct CertificateFacts {
  std::vector<std::string> names;  ///< DNS names and addresses of its subjectAltName
  std::string issuer;              ///< as RFC 2253 writes it
  std::chrono::seconds left{0};    ///< until it expires; negative: since

  /// A clause: "for pbx.example.com, issued by CN=..., 63 days left".
  std::string text() const;
};

/// Keeps the certificate that a peer shows, whether it is accepted or not. Lives as long as the context is used.
class ShownCertificate {
 public:
  explicit ShownCertificate(boost::asio::ssl::context& context);
  ShownCertificate(const ShownCertificate&) = delete;
  ShownCertificate& operator=(const ShownCertificate&) = delete;

  /// Returns nothing while none was shown.
  std::optional<CertificateFacts> facts() const;

 private:
  std::unique_ptr<X509, memory::FreeWith<X509_free>> certificate_;
};

}  // namespace pbxbridge::net
