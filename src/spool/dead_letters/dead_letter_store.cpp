#include "spool/dead_letters/dead_letter_store.hpp"

#include "pbxbridge/event.hpp"
#include "spool/store/rocksdb/database_writer.hpp"
#include "spool/store/rocksdb/store_reading.hpp"
#include "spool/store/storage_cause.hpp"
#include "spool/store/store_keys.hpp"

#include <algorithm>

namespace pbxbridge::spool {

namespace {

std::string letters_of(const std::string& sink) { return store_key::of_sink("", sink); }

std::string marks_of(const std::string& sink) { return store_key::of_sink(store_key::redrive_prefix, sink); }

}  // namespace

rocksdb::Status DeadLetterStore::count() {
  const auto iterator = new_iterator(*database_.rocksdb, database_.letters());
  const std::lock_guard lock(mutex_);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const auto key = view(iterator->key());
    auto& count = counts_[std::string(key.substr(0, key.find('\0')))];
    ++count.letters;
    count.bytes += iterator->value().size();
  }
  return iterator->status();
}

std::map<std::string, DeadLetterCount> DeadLetterStore::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<DeadLetter> DeadLetterStore::list(const std::string& sink, const std::string& after,
                                              std::size_t limit) const {
  std::vector<DeadLetter> letters;
  scan_prefix(*database_.rocksdb, database_.letters(), letters_of(sink), after,
              [&](std::string_view key, std::string_view value) {
                if (auto letter = decode(key, value)) letters.push_back(std::move(*letter));
                return letters.size() < limit;
              });
  return letters;
}

Result<CheckedLetters> DeadLetterStore::check(const std::string& sink) const {
  CheckedLetters checked;
  const auto status = scan_prefix(*database_.rocksdb, database_.letters(), sink.empty() ? "" : letters_of(sink), "",
                                  [&](std::string_view key, std::string_view value) {
                                    ++(decode(key, value) ? checked.readable : checked.damaged);
                                    return true;
                                  });
  if (!status.ok()) return storage_error("cannot read the dead letters", status);
  return checked;
}

std::optional<DeadLetter> DeadLetterStore::find(const std::string& sink, const std::string& key) const {
  std::string value;
  if (!database_.rocksdb->Get(rocksdb::ReadOptions(), database_.letters(), letters_of(sink) + key, &value).ok())
    return std::nullopt;
  return decode(key, value);
}

std::optional<DeadLetter> DeadLetterStore::decode(std::string_view key, std::string_view value) const {
  auto letter = decode_dead_letter(value, id_);
  if (letter) letter->stored_as = key;
  return letter;
}

std::optional<std::uint64_t> DeadLetterStore::size_of(const std::string& whole_key) const {
  rocksdb::PinnableSlice value;
  if (!database_.rocksdb->Get(rocksdb::ReadOptions(), database_.letters(), whole_key, &value).ok()) return std::nullopt;
  return value.size();
}

void DeadLetterStore::put(rocksdb::WriteBatch& batch, const std::string& sink, const DeadLetter& letter) {
  const std::string key = dead_letter_key(letter);
  remove(batch, sink, key);
  const std::string bytes = encode_dead_letter(letter);
  batch.Put(database_.letters(), letters_of(sink) + key, bytes);
  const std::lock_guard lock(mutex_);
  auto& count = counts_[sink];
  ++count.letters;
  count.bytes += bytes.size();
}

void DeadLetterStore::remove(rocksdb::WriteBatch& batch, const std::string& sink, const std::string& key) {
  const std::string whole_key = letters_of(sink) + key;
  const auto size = size_of(whole_key);
  if (!size) return;
  batch.Delete(database_.letters(), whole_key);
  batch.Delete(database_.meta(), marks_of(sink) + key);
  const std::lock_guard lock(mutex_);
  auto& count = counts_[sink];
  count.letters -= std::min<std::uint64_t>(count.letters, 1);
  count.bytes -= std::min(count.bytes, *size);
}

Result<std::uint64_t> DeadLetterStore::mark_for_redrive(const std::string& sink, const std::string& key) {
  rocksdb::WriteBatch batch;
  std::uint64_t marked = 0;
  const auto mark = [&](std::string_view letter_key) {
    batch.Put(database_.meta(), marks_of(sink).append(letter_key), "");
    ++marked;
    return true;
  };
  if (key.empty())
    scan_prefix(*database_.rocksdb, database_.letters(), letters_of(sink), "",
                [&mark](std::string_view letter_key, std::string_view) { return mark(letter_key); });
  else if (size_of(letters_of(sink) + key))
    mark(key);
  if (auto applied = writer_.apply(batch, true); !applied) return applied.error();
  return marked;
}

std::vector<DeadLetter> DeadLetterStore::marked_for_redrive(const std::string& sink, const std::string& after,
                                                            std::size_t limit, std::size_t max_bytes) const {
  std::vector<DeadLetter> letters;
  std::size_t bytes = 0;
  scan_prefix(*database_.rocksdb, database_.meta(), marks_of(sink), after, [&](std::string_view key, std::string_view) {
    if (auto letter = find(sink, std::string(key))) {
      bytes += letter->event->size_bytes();
      letters.push_back(std::move(*letter));
    }
    return letters.size() < limit && bytes < max_bytes;
  });
  return letters;
}

Result<std::uint64_t> DeadLetterStore::drop(const std::string& sink, const std::string& key) {
  rocksdb::WriteBatch batch;
  std::vector<std::string> keys;
  if (key.empty())
    scan_prefix(*database_.rocksdb, database_.letters(), letters_of(sink), "",
                [&keys](std::string_view letter_key, std::string_view) {
                  keys.emplace_back(letter_key);
                  return true;
                });
  else if (size_of(letters_of(sink) + key))
    keys.push_back(key);
  for (const std::string& letter_key : keys) remove(batch, sink, letter_key);
  if (auto applied = writer_.apply(batch, true); !applied) return applied.error();
  return static_cast<std::uint64_t>(keys.size());
}

Result<std::uint64_t> DeadLetterStore::bound(const std::string& sink, std::uint64_t max_bytes) {
  std::uint64_t held = counts()[sink].bytes;
  if (held <= max_bytes) return std::uint64_t{0};
  rocksdb::WriteBatch batch;
  std::vector<std::string> keys;
  scan_prefix(*database_.rocksdb, database_.letters(), letters_of(sink), "",
              [&](std::string_view key, std::string_view value) {
                keys.emplace_back(key);
                held -= std::min<std::uint64_t>(held, value.size());
                return held > max_bytes;
              });
  for (const std::string& key : keys) remove(batch, sink, key);
  if (auto applied = writer_.apply(batch, false); !applied) return applied.error();
  return static_cast<std::uint64_t>(keys.size());
}

}  // namespace pbxbridge::spool
