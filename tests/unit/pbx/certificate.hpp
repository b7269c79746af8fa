#pragma once

#include <filesystem>
#include <string>

namespace pbxbridge::pbx::test {

/// A new self-signed certificate and its key, as PEM files.
struct Certificate {
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
};

enum class KeyType { elliptic, rsa };

/// `names` as OpenSSL writes subject alternative names: `DNS:localhost,IP:127.0.0.1`; empty: none. The common name is
/// `file_name`.
Certificate make_certificate(const std::filesystem::path& directory, const std::string& file_name,
                             const std::string& names, KeyType key_type = KeyType::elliptic);

}  // namespace pbxbridge::pbx::test
