#pragma once

#include <cstddef>
#include <string_view>

namespace pbxbridge::spool {

/// Returns how much of a log of RocksDB's there is to read, without the record that a process or a machine was writing
/// when it ended, or all of it where it ends otherwise.
///
/// RocksDB forgives such a record where the file ends with it. In a file that is filled with zeros ahead, they stand
/// where the rest of it should be, and it takes the record for a damaged one. Left out is a last record whose bytes
/// from some place on are zeros, and nothing else up to the end of the file. What has been written and was damaged
/// later stays, for RocksDB to find, unless it is the last record, and ends in zeros as well.
std::size_t readable_size(std::string_view log);

}  // namespace pbxbridge::spool
