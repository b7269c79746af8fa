#pragma once

#include <string>
#include <vector>

namespace pbxbridge::sim {

/// A server certificate and the authority that signed it, all PEM, made afresh each time.
struct CertificateChain {
  std::string authority;
  std::string certificate;
  std::string expired_certificate;  ///< the same one for a time that is over
  std::string private_key;
};

/// Makes one for these host names and IP addresses. Throws std::runtime_error with OpenSSL's words.
CertificateChain make_certificate(const std::vector<std::string>& names);

}  // namespace pbxbridge::sim
