#pragma once

#include <filesystem>
#include <string>

namespace pbxbridge::test {

/// Writes the certificate of a server called `name` to `cert.pem` and its key to `key.pem`, and returns the certificate
/// of the authority that has issued it.
std::filesystem::path make_certificates(const std::filesystem::path& directory, const std::string& name);

}  // namespace pbxbridge::test
