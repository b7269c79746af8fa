#pragma once

#include "spool/salvage/stored_entry.hpp"

#include <functional>
#include <string_view>

namespace pbxbridge::spool::salvage {

/// Calls `each` for the entries of one of RocksDB's write batches, as a log holds them, up to what is none of ours.
/// False where it does not reach the end.
///
///   batch   u64 number of its first entry, u32 number of entries, entries
///   entry   u8 tag, with some tags varint family, varint bytes of the key, key, for a value varint bytes, value
bool read_write_batch(std::string_view batch, const std::function<void(const StoredEntry&)>& each);

}  // namespace pbxbridge::spool::salvage
