#pragma once

#include "spool/salvage/stored_entry.hpp"

#include <string_view>

namespace pbxbridge::spool::salvage {

/// Gives everything that can be read out of the bytes of one of RocksDB's tables, whatever they hold. Does not need
/// the table's index, properties or footer: a data block tells by itself where it ends, and after a damaged one the
/// next intact one is looked for. Pure; never throws but for lack of memory, never reads beyond `table`.
FileFindings read_table(std::string_view table, EntryVisitor& visitor);

}  // namespace pbxbridge::spool::salvage
