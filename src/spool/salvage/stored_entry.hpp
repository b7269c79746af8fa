#pragma once

#include <cstdint>
#include <string_view>

namespace pbxbridge::spool::salvage {

/// A key and its value, or that there is none any more, as a file of RocksDB's has it.
struct StoredEntry {
  std::uint64_t number = 0;  ///< RocksDB's own, higher for what was written later; 0: a compaction has dropped it
  bool deletion = false;
  std::string_view key;
  std::string_view value;
};

/// Takes what a file holds, in the order of the file. The views are valid within the call.
class EntryVisitor {
 public:
  virtual ~EntryVisitor() = default;

  /// The checksum over it holds.
  virtual void entry(const StoredEntry& entry) = 0;
  /// It reads like an entry, but the checksum over it does not hold: any of it may be damaged.
  virtual void doubtful_entry(const StoredEntry& entry) = 0;
  /// A stretch whose checksum does not hold, doubtful entries included. What carries a checksum of its own may be found
  /// in it.
  virtual void unreadable(std::string_view bytes) = 0;
};

/// Result for one file.
struct FileFindings {
  std::uint64_t intact = 0;           ///< blocks of a table, records of a log
  std::uint64_t corrected = 0;        ///< number of these with one bit flipped back
  std::uint64_t damaged = 0;          ///< stretches that could not be read
  std::uint64_t damaged_bytes = 0;    ///< in these
  bool damaged_at_its_end = false;    ///< the last of them, so that it is not known how much was written after it
  bool has_unreadable_frame = false;  ///< the way to the entries is damaged or missing; they were found without it

  bool whole() const { return damaged == 0 && !has_unreadable_frame; }
};

}  // namespace pbxbridge::spool::salvage
