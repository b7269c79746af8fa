#pragma once

#include "spool/salvage/stored_entry.hpp"
#include "spool/store/rocksdb/store_database.hpp"

#include <rocksdb/status.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::spool::salvage {

/// The spool's own entries, the newest of each. Of those that only ever grow, the highest.
class NewestNotes {
 public:
  void take(const StoredEntry& entry);

  /// Null where there is none, or it was deleted.
  const std::string* find(std::string_view key) const;
  /// Calls `each(key, value)` for those that are there.
  template <class Each>
  void for_each(Each each) const {
    for (const auto& [key, note] : notes_)
      if (!note.deletion) each(key, note.value);
  }

 private:
  struct Note {
    std::uint64_t number = 0;
    bool deletion = false;
    std::string value;
  };
  std::map<std::string, Note, std::less<>> notes_;
};

/// Writes what the files of a store hold into a new store: batches and dead letters as they come, in whatever order the
/// files are read; of the spool's own entries the newest are kept in memory.
class RebuiltStore final : public EntryVisitor {
 public:
  explicit RebuiltStore(const Database& target) : target_(target) {}

  void entry(const StoredEntry& entry) override;
  /// Dead letters have a checksum of their own.
  void doubtful_entry(const StoredEntry& entry) override;
  void unreadable(std::string_view) override {}

  const NewestNotes& notes() const { return notes_; }
  std::uint64_t batches() const { return batches_; }
  std::uint64_t letters() const;
  /// Says why something could not be written; nothing after it was written, either.
  const rocksdb::Status& status() const { return status_; }

 private:
  void put_batch(const StoredEntry& entry);
  void put_letter(const StoredEntry& entry);

  const Database& target_;
  NewestNotes notes_;
  std::map<std::string, std::pair<std::uint64_t, bool>> letters_;  // number of the newest entry, whether a deletion
  std::uint64_t batches_ = 0;
  rocksdb::Status status_;
};

/// Records of events in what could not be read, by sequence.
class FoundRecords final : public EntryVisitor {
 public:
  void entry(const StoredEntry&) override {}
  void doubtful_entry(const StoredEntry&) override {}
  void unreadable(std::string_view bytes) override;

  std::map<std::uint64_t, std::string>& records() { return records_; }

 private:
  std::map<std::uint64_t, std::string> records_;
};

}  // namespace pbxbridge::spool::salvage
