#pragma once

#include <string_view>

namespace pbxbridge::spool {

/// Returns whether a log or a manifest is damaged in a way that RocksDB 7.8.3 may pass over without a word, with all
/// that follows (db/log_reader.cc). It takes
/// - a piece with the type of a recycled log for what an earlier log has left in the file: the log ends there;
/// - a header of zeros for room that was never written: the block ends there;
/// - a piece that is longer than what is left of the file for one that was never written to its end.
/// The first is always damage. The others are where an intact piece follows in the block: nothing follows what a
/// process or a machine was writing when it ended. Without an fdatasync, a power loss may keep a later page and lose an
/// earlier one of the same block: that is damage, too, and salvage keeps what is intact.
bool hides_damage(std::string_view log);

}  // namespace pbxbridge::spool
