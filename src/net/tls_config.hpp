#pragma once

#include "pbxbridge/config/values.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pbxbridge::net {

/// Client-side TLS, the same for a PBX and a sink.
struct TlsConfig {
  std::filesystem::path ca_file;    ///< empty: the system's certificates
  std::filesystem::path cert_file;  ///< client certificate chain, PEM; goes with key_file
  std::filesystem::path key_file;
  config::Secret key_password;
  std::string server_name;        ///< name to verify and to send as SNI; empty: the host of the URL
  std::vector<std::string> alpn;  ///< protocols to offer (RFC 7301), the preferred one first
  bool insecure_skip_verify = false;
  static const config::Schema<TlsConfig>& schema();
};

}  // namespace pbxbridge::net
