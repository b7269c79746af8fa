#include "spool/salvage/rebuilt_store.hpp"

#include "spool/dead_letters/dead_letter.hpp"
#include "spool/log/record.hpp"
#include "spool/salvage/event_records.hpp"
#include "spool/store/store_keys.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <optional>

namespace pbxbridge::spool::salvage {

namespace {

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

/// Forms of keys tell them apart: a table may have lost the name of its family. Sink names have neither `/` nor NUL.
bool is_note(std::string_view key) {
  constexpr std::array<std::string_view, 6> names = {store_key::format,  store_key::id,     store_key::start_epoch,
                                                     store_key::removed, store_key::synced, store_key::salvaged};
  const auto slash = key.find('/');
  return std::ranges::find(names, key) != names.end() || (slash != std::string_view::npos && slash < key.find('\0'));
}

bool is_batch(std::string_view key) { return key.size() == sizeof(Sequence::value) && !is_note(key); }

/// A number that never becomes less.
std::optional<Sequence> growing(std::string_view key, std::string_view value) {
  if (key == store_key::removed || key == store_key::start_epoch || key.starts_with(store_key::cursor_prefix))
    return decode_key(value);
  return std::nullopt;
}

/// Returns whether value and key of a letter in a damaged block are as they were written.
bool is_letter(std::string_view key, std::string_view value) {
  const auto sink_end = key.find('\0');
  const auto letter = decode_dead_letter(value, {});
  return letter && sink_end != 0 && sink_end != std::string_view::npos &&
         dead_letter_key(*letter) == key.substr(sink_end + 1);
}

/// Leaves out the log: the store is synced when all of it is there.
rocksdb::WriteOptions unlogged() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

}  // namespace

void NewestNotes::take(const StoredEntry& entry) {
  const auto [known, is_new] = notes_.try_emplace(std::string(entry.key));
  Note& note = known->second;
  if (!is_new) {
    const auto value = growing(entry.key, entry.value);
    if (value && *value <= growing(entry.key, note.value).value_or(Sequence{})) return;
    if (!value && entry.number < note.number) return;
  }
  note = {entry.number, entry.deletion, std::string(entry.value)};
}

const std::string* NewestNotes::find(std::string_view key) const {
  const auto found = notes_.find(key);
  return found == notes_.end() || found->second.deletion ? nullptr : &found->second.value;
}

void RebuiltStore::entry(const StoredEntry& entry) {
  if (!status_.ok()) return;
  if (is_note(entry.key))
    notes_.take(entry);
  else if (is_batch(entry.key))
    put_batch(entry);
  else
    put_letter(entry);
}

void RebuiltStore::doubtful_entry(const StoredEntry& entry) {
  if (!status_.ok() || entry.deletion || is_note(entry.key) || is_batch(entry.key)) return;
  if (!is_letter(entry.key, entry.value) || letters_.contains(std::string(entry.key))) return;
  put_letter({0, false, entry.key, entry.value});
}

/// Logs hold what tables have as well.
void RebuiltStore::put_batch(const StoredEntry& entry) {
  if (entry.deletion) return;
  rocksdb::PinnableSlice known;
  if (target_.rocksdb->Get(rocksdb::ReadOptions(), target_.batches(), slice(entry.key), &known).ok()) return;
  status_ = target_.rocksdb->Put(unlogged(), target_.batches(), slice(entry.key), slice(entry.value));
  ++batches_;
}

void RebuiltStore::put_letter(const StoredEntry& entry) {
  const auto [known, is_new] = letters_.try_emplace(std::string(entry.key), entry.number, entry.deletion);
  if (!is_new && entry.number < known->second.first) return;
  known->second = {entry.number, entry.deletion};
  if (!entry.deletion)
    status_ = target_.rocksdb->Put(unlogged(), target_.letters(), slice(entry.key), slice(entry.value));
  else if (!is_new)
    status_ = target_.rocksdb->Delete(unlogged(), target_.letters(), slice(entry.key));
}

std::uint64_t RebuiltStore::letters() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(letters_, [](const auto& each) { return !each.second.second; }));
}

void FoundRecords::unreadable(std::string_view bytes) {
  find_event_records(
      bytes, [this](std::string_view record) { records_.try_emplace(sequence_of_record(record).value, record); });
}

}  // namespace pbxbridge::spool::salvage
