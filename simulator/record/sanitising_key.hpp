#pragma once

#include <filesystem>
#include <string>

namespace pbxbridge::sim {

/// Random bytes. Throws std::runtime_error where there are none.
std::string make_sanitising_key();

/// The content of the file. Where it does not exist, a new key is written to it, for its owner alone to read. Throws
/// std::runtime_error where it can be neither read nor made, or holds too little to be a secret.
std::string load_or_make_sanitising_key(const std::filesystem::path& file);

}  // namespace pbxbridge::sim
