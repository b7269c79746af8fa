#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace pbxbridge::spool {

/// The file system as it is, but that what is made in a directory belongs to the owner of the directory
/// (file_owner.hpp).
std::shared_ptr<rocksdb::FileSystem> file_system_with_owned_files();

}  // namespace pbxbridge::spool
