#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace pbxbridge::spool {

/// `target` as it is, but for RocksDB's logs (*.log): they are filled with zeros some way ahead of what is
/// written.
///
/// An fdatasync of a file that has grown must write its new size as well, through the file system's journal, and waits
/// for whatever else is in there; where the bytes were there before, it writes the data and no more. Each commit is
/// such an fdatasync. Zeros after the last record are what RocksDB's reader of logs expects of a file that was laid
/// out ahead: it goes over them to the end. Zeros within the last record it would call damage: the log that was written
/// last is read up to where that begins (log_tail.hpp). A log that is closed is cut to what was written.
///
/// A log or manifest whose damage RocksDB might pass over (hidden_damage.hpp) does not open: it is a corruption.
std::shared_ptr<rocksdb::FileSystem> file_system_with_prefilled_logs(std::shared_ptr<rocksdb::FileSystem> target);

}  // namespace pbxbridge::spool
