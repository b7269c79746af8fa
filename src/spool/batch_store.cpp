#include "spool/batch_store.hpp"

#include "spool/byte_codec.hpp"
#include "spool/record.hpp"
#include "spool/spool_id.hpp"
#include "spool/store_database.hpp"
#include "spool/store_reading.hpp"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

namespace pbxbridge::spool {

namespace {

constexpr std::uint64_t format_version = 1;

constexpr const char* key_format = "format";
constexpr const char* key_id = "id";
constexpr const char* key_start_epoch = "start_epoch";
constexpr const char* key_removed = "removed";  // the last sequence that is not read again
constexpr const char* key_synced = "synced";
constexpr std::string_view cursor_prefix = "cursor/";
constexpr std::string_view segment_prefix = "segment/";
constexpr std::string_view gap_prefix = "gap/";
constexpr std::string_view redrive_prefix = "redrive/";

/// How much must have been removed before files are looked for that can go.
constexpr std::uint64_t worth_freeing = 8 * 1024 * 1024;

/// The newest gaps are kept, and older ones make room.
constexpr std::uint64_t max_gaps = 10'000;

/// Start epochs to leave out where the one on the disk was lost: a spool does not start so often between two commits.
constexpr std::uint32_t lost_epochs = 1000;

std::string number_text(std::uint64_t number) { return encode_key(Sequence{number}); }

std::string name(std::string_view prefix, std::string_view rest) { return std::string(prefix).append(rest); }

/// Of a sink's letters and marks; sink names have no NUL.
std::string sink_prefix(std::string_view prefix, const std::string& sink) {
  return name(prefix, sink) + std::string(1, '\0');
}

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::string encode_segment(const Segment& segment) {
  std::string text;
  put(text, segment.last.value);
  put(text, segment.bytes);
  put(text, std::int64_t{segment.oldest.time_since_epoch().count()});
  put(text, std::int64_t{segment.newest.time_since_epoch().count()});
  return text;
}

std::optional<Segment> decode_segment(std::string_view key, std::string_view value) {
  const auto first = decode_key(key);
  Cutter cutter(value);
  Segment segment;
  segment.last.value = cutter.number<std::uint64_t>();
  segment.bytes = cutter.number<std::uint64_t>();
  segment.oldest = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  segment.newest = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  if (!first || !cutter.ok() || !cutter.at_end() || segment.last < *first) return std::nullopt;
  segment.first = *first;
  return segment;
}

/// Whether events may be missing between two that were read one behind the other. Where a start of the spool ended is
/// known from the segment that was closed then.
bool is_hole(Sequence before, Sequence behind, const std::set<Sequence>& ends) {
  if (before.next() == behind) return false;
  const bool begins_a_start = behind == Sequence::first_of(behind.start_epoch());
  const bool ends_one = before.value == 0 ? behind.start_epoch() == 1 : ends.contains(before);
  return !begins_a_start || !ends_one;
}

}  // namespace

bool is_full_disk(const Error& error) {
  return error.text.find("No space left") != std::string::npos ||
         error.text.find("Disk quota exceeded") != std::string::npos;
}

bool Commit::empty() const {
  return events.empty() && cursors.empty() && letters.empty() && letters_taken.empty() && gaps.empty() &&
         closed_segments.empty() && removed_segments.empty();
}

struct BatchStore::Implementation {
  explicit Implementation(Database opened) : database(std::move(opened)) {}

  Database database;
  std::shared_ptr<const SpoolId> id;
  std::uint32_t start_epoch = 0;
  CursorPositions cursors;
  SegmentIndex segments;
  std::vector<Damage> damages;
  std::vector<Segment> not_stored;  // closed, but the life that closed them did not get to write so
  std::atomic<std::uint64_t> removed{0};
  std::uint64_t removed_bytes = 0;  // since files were last looked for that can go
  std::optional<Error> broken;      // a write has failed: nothing is written any more
  mutable std::mutex letters_mutex;
  std::map<std::string, DeadLetterCount> letter_counts;  // under letters_mutex

  rocksdb::DB& db() const { return *database.rocksdb; }

  Result<std::optional<std::string>> get(const std::string& key) const;
  Result<std::uint64_t> get_number(const std::string& key) const;
  rocksdb::Status check();
  Result<void> load(Access access, std::uint32_t earlier_epoch);
  Result<void> begin_epoch(bool repaired, std::uint32_t earlier_epoch);
  void load_cursors();
  void load_segments();
  Result<void> scan_tail();
  std::set<Sequence> stored_ends() const;
  rocksdb::Status count_letters();

  void put_letter(rocksdb::WriteBatch& batch, const std::string& sink, const DeadLetter& letter);
  void remove_letter(rocksdb::WriteBatch& batch, const std::string& sink, const std::string& key);
  std::optional<std::uint64_t> letter_size(const std::string& key) const;
  void put_segments(rocksdb::WriteBatch& batch, const std::vector<Segment>& closed);
  void add_removals(rocksdb::WriteBatch& batch, const std::vector<Segment>& removed_segments);
  Result<void> free_files(std::uint64_t worth_looking);
  Result<void> apply(rocksdb::WriteBatch& batch, bool sync);
  Result<void> fail(std::string_view what, const rocksdb::Status& status);

  /// Calls `each(rest of the key, value)` for the entries with the prefix, behind `after`, until it returns false.
  template <class Each>
  void scan(rocksdb::ColumnFamilyHandle* family, const std::string& prefix, const std::string& after, Each each) const {
    const auto iterator = new_iterator(db(), family);
    for (iterator->Seek(prefix + after); iterator->Valid() && iterator->key().starts_with(prefix); iterator->Next()) {
      const auto rest = view(iterator->key()).substr(prefix.size());
      if (!after.empty() && rest == after) continue;
      if (!each(rest, view(iterator->value()))) return;
    }
  }
};

Result<std::optional<std::string>> BatchStore::Implementation::get(const std::string& key) const {
  std::string value;
  const auto status = db().Get(rocksdb::ReadOptions(), database.meta(), key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return storage_error("cannot read the spool's own data", status);
  return std::optional<std::string>(std::move(value));
}

Result<std::uint64_t> BatchStore::Implementation::get_number(const std::string& key) const {
  auto value = get(key);
  if (!value) return value.error();
  if (!*value) return std::uint64_t{0};
  const auto number = decode_key(**value);
  if (!number) return Error{ErrorCategory::storage, fmt::format("the spool's own entry '{}' is damaged", key)};
  return number->value;
}

/// Whether the families that are read whole can be: what is hidden in them would be a cursor, or a letter.
rocksdb::Status BatchStore::Implementation::check() {
  const auto iterator = new_iterator(db(), database.meta());
  for (iterator->SeekToFirst(); iterator->Valid();) iterator->Next();
  return iterator->status().ok() ? count_letters() : iterator->status();
}

Result<void> BatchStore::Implementation::load(Access access, std::uint32_t earlier_epoch) {
  auto format = get_number(key_format);
  if (!format) return format.error();
  if (*format > format_version)
    return Error{
        ErrorCategory::storage,
        fmt::format("the spool was written by a newer pbxbridge, in format {}; this one knows formats up to {}",
                    *format, format_version)};
  auto stored_id = get(key_id);
  if (!stored_id) return stored_id.error();
  id = std::make_shared<const SpoolId>(*stored_id ? std::move(**stored_id) : make_spool_id());
  auto removed_up_to = get_number(key_removed);
  if (!removed_up_to) return removed_up_to.error();
  removed = *removed_up_to;
  load_cursors();
  load_segments();
  if (auto scanned = scan_tail(); !scanned) return scanned;
  if (access == Access::read_only) return {};
  return begin_epoch(!database.repair.empty(), earlier_epoch);
}

Result<void> BatchStore::Implementation::begin_epoch(bool repaired, std::uint32_t earlier_epoch) {
  auto stored = get_number(key_start_epoch);
  if (!stored) return stored.error();
  start_epoch = std::max({static_cast<std::uint32_t>(*stored), segments.last().start_epoch(), earlier_epoch}) + 1;
  if (repaired) start_epoch += lost_epochs;
  rocksdb::WriteBatch batch;
  batch.Put(database.meta(), key_format, number_text(format_version));
  batch.Put(database.meta(), key_id, *id);
  batch.Put(database.meta(), key_start_epoch, number_text(start_epoch));
  if (repaired)
    scan(database.meta(), std::string(segment_prefix), "", [&](std::string_view key, std::string_view) {
      batch.Delete(database.meta(), name(segment_prefix, key));
      return true;
    });
  put_segments(batch, not_stored);
  if (auto applied = apply(batch, true); !applied) return applied;
  // To a table: whoever loses the log must not lose the epoch with it, and give it again.
  if (const auto status = db().Flush(rocksdb::FlushOptions(), database.meta()); !status.ok())
    return fail("cannot write to the spool", status);
  return {};
}

void BatchStore::Implementation::load_cursors() {
  scan(database.meta(), std::string(cursor_prefix), "", [this](std::string_view sink, std::string_view value) {
    if (const auto position = decode_key(value)) cursors[std::string(sink)] = *position;
    return true;
  });
}

void BatchStore::Implementation::load_segments() {
  // After a repair the list may know what is gone: it is made anew from the batches.
  if (!database.repair.empty()) return;
  scan(database.meta(), std::string(segment_prefix), "", [this](std::string_view key, std::string_view value) {
    const auto segment = decode_segment(key, value);
    if (segment && segment->last.value > removed && segment->first > segments.last()) segments.restore(*segment);
    return true;
  });
}

/// What came after the last segment that was closed, or everything after a repair: then holes are told as well.
Result<void> BatchStore::Implementation::scan_tail() {
  Sequence position = std::max(segments.last(), Sequence{removed});
  const bool repaired = !database.repair.empty();
  const auto ends = repaired ? stored_ends() : std::set<Sequence>();
  while (true) {
    auto result = scan_batches(db(), database.batches(), id, position, 8 * 1024 * 1024);
    if (!result) return result.error();
    const ScannedBatches& scanned = *result;
    for (const Segment& batch : scanned.batches) {
      if (repaired && is_hole(position, batch.first, ends))
        damages.push_back({position, batch.first, "events are missing"});
      if (const auto closed = segments.add(batch)) not_stored.push_back(*closed);
      position = batch.last;
    }
    damages.insert(damages.end(), scanned.damages.begin(), scanned.damages.end());
    if (scanned.at_end) break;
  }
  // What the newest event was is not known any more.
  if (repaired) damages.push_back({position, {}, database.repair});
  return {};
}

/// The last sequences of the segments that were closed.
std::set<Sequence> BatchStore::Implementation::stored_ends() const {
  std::set<Sequence> ends;
  scan(database.meta(), std::string(segment_prefix), "", [&ends](std::string_view key, std::string_view value) {
    if (const auto segment = decode_segment(key, value)) ends.insert(segment->last);
    return true;
  });
  return ends;
}

rocksdb::Status BatchStore::Implementation::count_letters() {
  const auto iterator = new_iterator(db(), database.letters());
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const auto key = view(iterator->key());
    auto& count = letter_counts[std::string(key.substr(0, key.find('\0')))];
    ++count.letters;
    count.bytes += iterator->value().size();
  }
  return iterator->status();
}

std::optional<std::uint64_t> BatchStore::Implementation::letter_size(const std::string& key) const {
  rocksdb::PinnableSlice value;
  if (!db().Get(rocksdb::ReadOptions(), database.letters(), key, &value).ok()) return std::nullopt;
  return value.size();
}

void BatchStore::Implementation::put_letter(rocksdb::WriteBatch& batch, const std::string& sink,
                                            const DeadLetter& letter) {
  const std::string key = dead_letter_key(letter);
  remove_letter(batch, sink, key);
  const std::string bytes = encode_dead_letter(letter);
  batch.Put(database.letters(), sink_prefix("", sink) + key, bytes);
  const std::lock_guard lock(letters_mutex);
  auto& count = letter_counts[sink];
  ++count.letters;
  count.bytes += bytes.size();
}

void BatchStore::Implementation::remove_letter(rocksdb::WriteBatch& batch, const std::string& sink,
                                               const std::string& key) {
  const std::string whole_key = sink_prefix("", sink) + key;
  const auto size = letter_size(whole_key);
  if (!size) return;
  batch.Delete(database.letters(), whole_key);
  batch.Delete(database.meta(), sink_prefix(redrive_prefix, sink) + key);
  const std::lock_guard lock(letters_mutex);
  auto& count = letter_counts[sink];
  count.letters -= std::min<std::uint64_t>(count.letters, 1);
  count.bytes -= std::min(count.bytes, *size);
}

void BatchStore::Implementation::put_segments(rocksdb::WriteBatch& batch, const std::vector<Segment>& closed) {
  for (const Segment& segment : closed)
    batch.Put(database.meta(), name(segment_prefix, encode_key(segment.first)), encode_segment(segment));
}

void BatchStore::Implementation::add_removals(rocksdb::WriteBatch& batch,
                                              const std::vector<Segment>& removed_segments) {
  for (const Segment& segment : removed_segments) {
    batch.Delete(database.meta(), name(segment_prefix, encode_key(segment.first)));
    removed_bytes += segment.bytes;
  }
  if (!removed_segments.empty()) batch.Put(database.meta(), key_removed, encode_key(removed_segments.back().last));
}

/// Whole files only: nothing is rewritten to give space back.
Result<void> BatchStore::Implementation::free_files(std::uint64_t worth_looking) {
  if (removed_bytes < worth_looking) return {};
  removed_bytes = 0;
  const std::string end = number_text(removed);
  const rocksdb::Slice end_slice(end);
  const auto status = rocksdb::DeleteFilesInRange(&db(), database.batches(), nullptr, &end_slice, true);
  if (!status.ok()) return fail("cannot free space in the spool", status);
  return {};
}

Result<void> BatchStore::Implementation::apply(rocksdb::WriteBatch& batch, bool sync) {
  if (broken) return *broken;
  rocksdb::WriteOptions options;
  options.sync = sync;
  if (const auto status = db().Write(options, &batch); !status.ok()) return fail("cannot write to the spool", status);
  return {};
}

Result<void> BatchStore::Implementation::fail(std::string_view what, const rocksdb::Status& status) {
  broken = storage_error(what, status);
  return *broken;
}

Result<std::unique_ptr<BatchStore>> BatchStore::open(const std::filesystem::path& directory, Access access,
                                                     std::uint32_t earlier_epoch) {
  auto database = access == Access::write ? open_database(directory) : open_database_read_only(directory);
  if (!database) return database.error();
  auto implementation = std::make_unique<Implementation>(std::move(database.value()));
  const auto readable = implementation->check();
  if (!readable.ok() && access == Access::write) {
    const Error error = storage_error("cannot read the spool's own data", readable);
    if (!is_unreadable(readable)) return error;
    implementation.reset();
    auto rebuilt = rebuild_database(directory, error.text);
    if (!rebuilt) return rebuilt.error();
    implementation = std::make_unique<Implementation>(std::move(rebuilt.value()));
  }
  if (auto loaded = implementation->load(access, earlier_epoch); !loaded) return loaded.error();
  return std::unique_ptr<BatchStore>(new BatchStore(std::move(implementation)));
}

BatchStore::BatchStore(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
BatchStore::~BatchStore() = default;

const std::shared_ptr<const SpoolId>& BatchStore::id() const { return implementation_->id; }
std::uint32_t BatchStore::start_epoch() const { return implementation_->start_epoch; }
const CursorPositions& BatchStore::cursors() const { return implementation_->cursors; }
const SegmentIndex& BatchStore::segments() const { return implementation_->segments; }
const std::vector<Damage>& BatchStore::damages() const { return implementation_->damages; }

Sequence BatchStore::last() const {
  return std::max(implementation_->segments.last(), Sequence{implementation_->removed});
}

Result<std::uint64_t> BatchStore::write(const Commit& commit, bool sync) {
  auto& self = *implementation_;
  if (self.broken) return *self.broken;
  auto* const meta = self.database.meta();
  rocksdb::WriteBatch batch;
  std::uint64_t bytes = 0;
  if (!commit.events.empty()) {
    const std::string value = encode_batch(commit.events);
    bytes = value.size();
    batch.Put(self.database.batches(), encode_key(commit.events.front()->sequence()), value);
  }
  for (const auto& [sink, position] : commit.cursors) batch.Put(meta, name(cursor_prefix, sink), encode_key(position));
  for (const auto& [sink, letter] : commit.letters) self.put_letter(batch, sink, letter);
  for (const auto& [sink, letter] : commit.letters_taken) self.remove_letter(batch, sink, dead_letter_key(letter));
  for (const auto& [number, gap] : commit.gaps) {
    batch.Put(meta, name(gap_prefix, number_text(number)), to_json(gap));
    if (number >= max_gaps) batch.Delete(meta, name(gap_prefix, number_text(number - max_gaps)));
  }
  self.put_segments(batch, commit.closed_segments);
  self.add_removals(batch, commit.removed_segments);
  if (auto applied = self.apply(batch, sync); !applied) return applied.error();
  if (!commit.removed_segments.empty()) {
    self.removed = commit.removed_segments.back().last.value;
    if (auto freed = self.free_files(worth_freeing); !freed) return freed.error();
  }
  return bytes;
}

Result<void> BatchStore::free_space() {
  auto& self = *implementation_;
  if (self.broken) return *self.broken;
  // The log holds on to what was removed until the tables have what is left of it.
  if (const auto status = self.db().Flush(rocksdb::FlushOptions(), self.database.families); !status.ok())
    return self.fail("cannot write to the spool", status);
  self.removed_bytes += 1;
  return self.free_files(1);
}

/// By a write of its own: SyncWAL can make RocksDB 7.8 miss a log that it has removed itself (mended in 7.10).
Result<void> BatchStore::sync() {
  rocksdb::WriteBatch batch;
  batch.Put(implementation_->database.meta(), key_synced, "");
  return implementation_->apply(batch, true);
}

Result<BatchStore::Chunk> BatchStore::read(Sequence position, std::size_t max_bytes) const {
  const auto& self = *implementation_;
  return read_batches(self.db(), self.database.batches(), self.id, std::max(position, Sequence{self.removed}),
                      max_bytes);
}

std::vector<std::pair<std::uint64_t, Gap>> BatchStore::gaps() const {
  std::vector<std::pair<std::uint64_t, Gap>> gaps;
  implementation_->scan(implementation_->database.meta(), std::string(gap_prefix), "",
                        [&gaps](std::string_view key, std::string_view value) {
                          const auto number = decode_key(key);
                          const auto gap = gap_from_json(value);
                          if (number && gap) gaps.emplace_back(number->value, *gap);
                          return true;
                        });
  return gaps;
}

std::map<std::string, DeadLetterCount> BatchStore::dead_letter_counts() const {
  const std::lock_guard lock(implementation_->letters_mutex);
  return implementation_->letter_counts;
}

std::vector<DeadLetter> BatchStore::dead_letters(const std::string& sink, const std::string& after,
                                                 std::size_t limit) const {
  std::vector<DeadLetter> letters;
  implementation_->scan(implementation_->database.letters(), sink_prefix("", sink), after,
                        [&](std::string_view, std::string_view value) {
                          if (auto letter = decode_dead_letter(value, implementation_->id))
                            letters.push_back(std::move(*letter));
                          return letters.size() < limit;
                        });
  return letters;
}

std::optional<DeadLetter> BatchStore::dead_letter(const std::string& sink, const std::string& key) const {
  std::string value;
  const auto& self = *implementation_;
  if (!self.db().Get(rocksdb::ReadOptions(), self.database.letters(), sink_prefix("", sink) + key, &value).ok())
    return std::nullopt;
  return decode_dead_letter(value, self.id);
}

Result<std::uint64_t> BatchStore::mark_for_redrive(const std::string& sink, const std::string& key) {
  auto& self = *implementation_;
  rocksdb::WriteBatch batch;
  std::uint64_t marked = 0;
  const auto mark = [&](std::string_view letter_key) {
    batch.Put(self.database.meta(), sink_prefix(redrive_prefix, sink).append(letter_key), "");
    ++marked;
    return true;
  };
  if (key.empty())
    self.scan(self.database.letters(), sink_prefix("", sink), "",
              [&mark](std::string_view letter_key, std::string_view) { return mark(letter_key); });
  else if (self.letter_size(sink_prefix("", sink) + key))
    mark(key);
  if (auto applied = self.apply(batch, true); !applied) return applied.error();
  return marked;
}

std::vector<DeadLetter> BatchStore::marked_for_redrive(const std::string& sink, const std::string& after,
                                                       std::size_t limit) const {
  std::vector<DeadLetter> letters;
  implementation_->scan(implementation_->database.meta(), sink_prefix(redrive_prefix, sink), after,
                        [&](std::string_view key, std::string_view) {
                          if (auto letter = dead_letter(sink, std::string(key))) letters.push_back(std::move(*letter));
                          return letters.size() < limit;
                        });
  return letters;
}

Result<std::uint64_t> BatchStore::drop_dead_letters(const std::string& sink, const std::string& key) {
  auto& self = *implementation_;
  rocksdb::WriteBatch batch;
  std::vector<std::string> keys;
  if (key.empty())
    self.scan(self.database.letters(), sink_prefix("", sink), "",
              [&keys](std::string_view letter_key, std::string_view) {
                keys.emplace_back(letter_key);
                return true;
              });
  else if (self.letter_size(sink_prefix("", sink) + key))
    keys.push_back(key);
  for (const std::string& letter_key : keys) self.remove_letter(batch, sink, letter_key);
  if (auto applied = self.apply(batch, true); !applied) return applied.error();
  return static_cast<std::uint64_t>(keys.size());
}

Result<std::uint64_t> BatchStore::bound_dead_letters(const std::string& sink, std::uint64_t max_bytes) {
  auto& self = *implementation_;
  std::uint64_t held = dead_letter_counts()[sink].bytes;
  if (held <= max_bytes) return std::uint64_t{0};
  rocksdb::WriteBatch batch;
  std::vector<std::string> keys;
  self.scan(self.database.letters(), sink_prefix("", sink), "", [&](std::string_view key, std::string_view value) {
    keys.emplace_back(key);
    held -= std::min<std::uint64_t>(held, value.size());
    return held > max_bytes;
  });
  for (const std::string& key : keys) self.remove_letter(batch, sink, key);
  if (auto applied = self.apply(batch, false); !applied) return applied.error();
  return static_cast<std::uint64_t>(keys.size());
}

}  // namespace pbxbridge::spool
