#pragma once

#include <filesystem>
#include <string>

namespace pbxbridge::pbx::test {

/// A new self-signed certificate and its key, as PEM files.
struct Certificate {
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
};

/// `names` as OpenSSL writes subject alternative names: `DNS:localhost,IP:127.0.0.1`.
Certificate make_certificate(const std::filesystem::path& directory, const std::string& file_name,
                             const std::string& names);

}  // namespace pbxbridge::pbx::test
