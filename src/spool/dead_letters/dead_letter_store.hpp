#pragma once

#include "pbxbridge/error.hpp"
#include "pbxbridge/event_id.hpp"
#include "spool/dead_letters/dead_letter.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace pbxbridge::spool {

struct Database;
class DatabaseWriter;

struct DeadLetterCount {
  std::uint64_t letters = 0;
  std::uint64_t bytes = 0;
};

struct CheckedLetters {
  std::uint64_t readable = 0;
  std::uint64_t damaged = 0;
};

/// The dead letters of a BatchStore, by sink, oldest first, and which of them are to be delivered after all.
/// Threads: what writes, where the BatchStore writes; everything else from any.
class DeadLetterStore {
 public:
  /// All three outlive it; `id` may be set later.
  DeadLetterStore(const Database& database, DatabaseWriter& writer, const SpoolId& id)
      : database_(database), writer_(writer), id_(id) {}

  /// Reads all of them; before anything else.
  rocksdb::Status count();
  std::map<std::string, DeadLetterCount> counts() const;

  /// Letters of this sink after the letter of that key (empty: from the start); what is damaged is left out.
  std::vector<DeadLetter> list(const std::string& sink, const std::string& after, std::size_t limit) const;
  /// Reads each letter of the sink, or of every sink where that is empty. An error where not even their number is
  /// known.
  Result<CheckedLetters> check(const std::string& sink) const;
  std::optional<DeadLetter> find(const std::string& sink, const std::string& key) const;

  // Parts of the batch that the caller writes.
  void put(rocksdb::WriteBatch& batch, const std::string& sink, const DeadLetter& letter);
  void remove(rocksdb::WriteBatch& batch, const std::string& sink, const std::string& key);

  /// Asks for letters to be delivered after all: one, or all of the sink where `key` is empty. The number of them.
  Result<std::uint64_t> mark_for_redrive(const std::string& sink, const std::string& key);
  /// Returns marked letters after that key, until there are `limit` of them or `max_bytes`.
  std::vector<DeadLetter> marked_for_redrive(const std::string& sink, const std::string& after, std::size_t limit,
                                             std::size_t max_bytes) const;
  /// Deletes one letter, or all of the sink's.
  Result<std::uint64_t> drop(const std::string& sink, const std::string& key);
  /// Deletes the oldest until no more than `max_bytes` are left. The number of them.
  Result<std::uint64_t> bound(const std::string& sink, std::uint64_t max_bytes);

 private:
  std::optional<DeadLetter> decode(std::string_view key, std::string_view value) const;
  std::optional<std::uint64_t> size_of(const std::string& whole_key) const;

  const Database& database_;
  DatabaseWriter& writer_;
  const SpoolId& id_;
  mutable std::mutex mutex_;
  std::map<std::string, DeadLetterCount> counts_;  // under mutex_
};

}  // namespace pbxbridge::spool
