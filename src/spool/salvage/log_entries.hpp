#pragma once

#include "spool/salvage/stored_entry.hpp"

#include <string_view>

namespace pbxbridge::spool::salvage {

/// Gives everything that can be read out of the bytes of one of RocksDB's logs, whatever they hold: after a damaged
/// record it goes on with the next intact one. A last record that was never written to its end is no damage
/// (log_tail.hpp). Pure; never throws but for lack of memory, never reads beyond `log`.
FileFindings read_log(std::string_view log, EntryVisitor& visitor);

}  // namespace pbxbridge::spool::salvage
