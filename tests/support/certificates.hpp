#pragma once

#include <filesystem>
#include <string>

namespace pbxbridge::test {

/// Writes the certificate of a server called `name` to `cert.pem` and its key to `key.pem`, and returns the certificate
/// of the authority that has issued it.
std::filesystem::path make_certificates(const std::filesystem::path& directory, const std::string& name);

/// Writes a certificate of the same authority for a client called `name` to `NAME.pem` and its key to `NAME.key`.
void make_client_certificate(const std::filesystem::path& directory, const std::string& name);

}  // namespace pbxbridge::test
