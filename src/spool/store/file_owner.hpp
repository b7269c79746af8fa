#pragma once

#include <filesystem>

namespace pbxbridge::spool {

/// Gives a file or directory that this process has made to the user and group that own `directory`, if they are others
/// and this process may: a command that root runs must not leave files which the service cannot open.
void give_to_owner_of(const std::filesystem::path& directory, const std::filesystem::path& file);

/// False, with errno, where its entries cannot be put on stable storage.
bool sync_directory(const std::filesystem::path& directory);

}  // namespace pbxbridge::spool
