#include "spool/store/batch_store.hpp"

#include "pbxbridge/event.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/log/segment_codec.hpp"
#include "spool/store/ballast.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/quarantine.hpp"
#include "spool/store/rocksdb/database_writer.hpp"
#include "spool/store/rocksdb/live_files.hpp"
#include "spool/store/rocksdb/store_reading.hpp"
#include "spool/store/storage_cause.hpp"
#include "spool/store/store_contents.hpp"
#include "spool/store/store_keys.hpp"
#include "spool/store/unreported_damage.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/metadata.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace pbxbridge::spool {

namespace {

/// Bytes that must have been removed before files are looked for that can go.
constexpr std::uint64_t worth_freeing = 8 * 1024 * 1024;

/// The newest gaps are kept, and older ones make room.
constexpr std::uint64_t max_gaps = 10'000;

/// Interval at which the end of the events is noted. What the store loses without a trace is known to within that time.
constexpr std::chrono::seconds note_interval{1};

void replace(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, const std::string& key,
             const std::optional<std::string>& value) {
  if (value)
    batch.Put(family, key, *value);
  else
    batch.Delete(family, key);
}

/// An empty value needs no entry.
std::optional<std::string> filled(std::string value) {
  return value.empty() ? std::nullopt : std::optional(std::move(value));
}

Error unreadable(const rocksdb::Status& status) { return storage_error("cannot read the spool's own data", status); }

}  // namespace

bool Commit::empty() const {
  return forgotten_sinks.empty() && removed_sinks.empty() && events.empty() && cursors.empty() && letters.empty() &&
         letters_taken.empty() && gaps.empty() && streams.empty() && unacknowledged.empty() && deferred.empty() &&
         closed_segments.empty() && removed_segments.empty() && damages_reported.empty() && table_changes.empty() &&
         !cursors_complete;
}

void Commit::forget_sink(const std::string& sink) {
  cursors.erase(sink);
  unacknowledged.erase(sink);
  deferred.erase(sink);
  removed_sinks.erase(sink);
  forgotten_sinks.push_back(sink);
}

void Commit::put_gap(std::uint64_t number, Gap gap) {
  const auto known = std::ranges::find(gaps, number, &std::pair<std::uint64_t, Gap>::first);
  if (known == gaps.end())
    gaps.emplace_back(number, std::move(gap));
  else
    known->second = std::move(gap);
}

struct BatchStore::Implementation {
  Implementation(Database opened, const std::filesystem::path& directory)
      : database(std::move(opened)), epochs(directory), quarantine(directory) {}
  ~Implementation();
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  const Database database;
  DatabaseWriter writer{database};
  LiveFiles live_files{*database.rocksdb};
  StoreContents contents;  // as it was opened
  DeadLetterStore letters{database, writer, contents.id};
  std::uint32_t start_epoch = 0;
  std::atomic<std::uint64_t> removed{0};
  std::uint64_t removed_bytes = 0;  // since files were last looked for that can go
  EpochLog epochs;
  Sequence newest;  // that was written
  std::chrono::steady_clock::time_point next_note{};
  std::pair<Sequence, Sequence> noted;  // newest and removed
  const Quarantine quarantine;

  static Result<std::unique_ptr<Implementation>> open(const std::filesystem::path& directory, Access access,
                                                      const EarlierStore& earlier);

  rocksdb::DB& db() const { return *database.rocksdb; }

  rocksdb::Status check();
  Result<void> load(Access access, const std::filesystem::path& directory, const EarlierStore& earlier);
  Result<void> begin_epoch(std::uint32_t earlier_epoch, std::uint32_t known_epoch);
  Result<void> keep_tables(rocksdb::WriteBatch& batch, std::uint32_t stored_epoch, std::uint32_t epoch) const;
  void note_newest();
  void put_segments(rocksdb::WriteBatch& batch, const std::vector<Segment>& closed);
  void add_removals(rocksdb::WriteBatch& batch, const std::vector<Segment>& removed_segments);
  Result<void> free_files(std::uint64_t worth_looking);
};

/// Checks that the families that are read whole can be: a hidden entry would be a cursor, or a letter.
rocksdb::Status BatchStore::Implementation::check() {
  const auto iterator = new_iterator(db(), database.meta());
  for (iterator->SeekToFirst(); iterator->Valid();) iterator->Next();
  return iterator->status().ok() ? letters.count() : iterator->status();
}

/// Records the end, by which a later loss is known.
BatchStore::Implementation::~Implementation() {
  if (start_epoch != 0 && !writer.broken()) epochs.close(newest, Sequence{removed});
}

/// A reader does not know how far the process that writes is.
Result<void> BatchStore::Implementation::load(Access access, const std::filesystem::path& directory,
                                              const EarlierStore& earlier) {
  const auto known = access == Access::write ? EpochLog::read(directory) : KnownEpochs();
  auto loaded = load_contents(database, known, earlier.id);
  if (!loaded) return loaded.error();
  contents = std::move(loaded.value());
  removed = contents.removed.value;
  newest = std::max(contents.segments.last(), contents.removed);
  if (access == Access::read_only) return {};
  return begin_epoch(earlier.start_epoch, std::max(known.last_epoch(), known.newest.start_epoch()));
}

Result<void> BatchStore::Implementation::begin_epoch(std::uint32_t earlier_epoch, std::uint32_t known_epoch) {
  const auto stored = last_start_epoch(database);
  if (!stored) return stored.error();
  const std::uint32_t epoch = std::max({*stored, newest.start_epoch(), known_epoch, earlier_epoch}) + 1;
  rocksdb::WriteBatch batch;
  batch.Put(database.meta(), store_key::format, store_key::number(format_version));
  batch.Put(database.meta(), store_key::id, contents.id.text());
  batch.Put(database.meta(), store_key::start_epoch, store_key::number(epoch));
  if (auto kept = keep_tables(batch, *stored, epoch); !kept) return kept;
  put_segments(batch, contents.not_stored);
  std::erase_if(contents.damages,
                [told = load_gaps(database)](const Damage& damage) { return is_reported(damage, told); });
  put_unreported_damage(database, contents.damages, batch);
  if (auto applied = writer.apply(batch, true); !applied) return applied;
  // Flush to a table: a store that loses its log must not lose the epoch with it, and give it again.
  if (const auto status = db().Flush(rocksdb::FlushOptions(), database.meta()); !status.ok())
    return writer.fail("cannot write to the spool", status);
  if (auto begun = epochs.begin({epoch, newest}, contents.id, contents.removed); !begun) return begun;
  start_epoch = epoch;
  return {};
}

/// A program that does not know the tables accepts events without them: then they start empty.
Result<void> BatchStore::Implementation::keep_tables(rocksdb::WriteBatch& batch, std::uint32_t stored_epoch,
                                                     std::uint32_t epoch) const {
  const auto rows_epoch = load_rows_epoch(database);
  if (!rows_epoch) return rows_epoch.error();
  if (*rows_epoch != stored_epoch) {
    const auto rows = load_tables(database);
    if (!rows) return rows.error();
    for (const TableRow& row : *rows) batch.Delete(database.meta(), store_key::join(store_key::row_prefix, row.key));
  }
  batch.Put(database.meta(), store_key::rows_epoch, store_key::number(epoch));
  return {};
}

void BatchStore::Implementation::note_newest() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_note || noted == std::pair(newest, Sequence{removed})) return;
  next_note = now + note_interval;
  noted = {newest, Sequence{removed}};
  epochs.note(newest, Sequence{removed});
}

void BatchStore::Implementation::put_segments(rocksdb::WriteBatch& batch, const std::vector<Segment>& closed) {
  for (const Segment& segment : closed)
    batch.Put(database.meta(), store_key::join(store_key::segment_prefix, encode_key(segment.first)),
              encode_segment(segment));
}

void BatchStore::Implementation::add_removals(rocksdb::WriteBatch& batch,
                                              const std::vector<Segment>& removed_segments) {
  for (const Segment& segment : removed_segments) {
    batch.Delete(database.meta(), store_key::join(store_key::segment_prefix, encode_key(segment.first)));
    removed_bytes += segment.bytes;
  }
  if (!removed_segments.empty())
    batch.Put(database.meta(), store_key::removed, encode_key(removed_segments.back().last));
}

/// Whole files only: nothing is rewritten to give space back.
Result<void> BatchStore::Implementation::free_files(std::uint64_t worth_looking) {
  if (removed_bytes < worth_looking) return {};
  removed_bytes = 0;
  const std::string end = store_key::number(removed);
  const rocksdb::Slice end_slice(end);
  const auto status = rocksdb::DeleteFilesInRange(&db(), database.batches(), nullptr, &end_slice, true);
  if (!status.ok()) return writer.fail("cannot free space in the spool", status);
  return {};
}

Result<std::unique_ptr<BatchStore::Implementation>> BatchStore::Implementation::open(
    const std::filesystem::path& directory, Access access, const EarlierStore& earlier) {
  auto database = access == Access::write ? open_database(directory) : open_database_read_only(directory);
  if (!database) return database.error();
  auto implementation = std::make_unique<Implementation>(std::move(database.value()), directory);
  const auto readable = implementation->check();
  if (!readable.ok() && access == Access::write) {
    const Error error = unreadable(readable);
    if (!is_damage(error.cause)) return error;
    implementation.reset();
    auto salvaged = open_salvaged_database(directory, error.text);
    if (!salvaged) return salvaged.error();
    implementation = std::make_unique<Implementation>(std::move(salvaged.value()), directory);
  }
  if (auto loaded = implementation->load(access, directory, earlier); !loaded) return loaded.error();
  // A reader gets the damage reported, and sees the rest.
  if (!readable.ok() && access == Access::read_only)
    implementation->contents.damages.push_back({{}, {}, unreadable(readable).text});
  return implementation;
}

Result<std::unique_ptr<BatchStore>> BatchStore::open(const std::filesystem::path& directory, Access access,
                                                     const EarlierStore& earlier) {
  while (true) {
    auto opened = Implementation::open(directory, access, earlier);
    if (opened) return std::unique_ptr<BatchStore>(new BatchStore(std::move(opened.value())));
    // Opening writes, too, and what is kept aside for a full disk is kept for this as well.
    const bool is_full = opened.error().cause == StorageCause::full;
    if (access != Access::write || !is_full || !Ballast(ballast_file(directory), 0).release()) return opened.error();
  }
}

BatchStore::BatchStore(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
BatchStore::~BatchStore() = default;

SpoolId BatchStore::id() const { return implementation_->contents.id; }
std::uint32_t BatchStore::start_epoch() const { return implementation_->start_epoch; }
const CursorPositions& BatchStore::cursors() const { return implementation_->contents.cursors; }
const SubscribedUntilByPbx& BatchStore::streams() const { return implementation_->contents.streams; }
const UnacknowledgedBySink& BatchStore::unacknowledged() const { return implementation_->contents.unacknowledged; }
const DeferredBySink& BatchStore::deferred() const { return implementation_->contents.deferred; }
const RemovedSinks& BatchStore::removed_sinks() const { return implementation_->contents.removed_sinks; }
const SegmentIndex& BatchStore::segments() const { return implementation_->contents.segments; }
const std::vector<Damage>& BatchStore::damages() const { return implementation_->contents.damages; }
const std::string& BatchStore::salvaged() const { return implementation_->contents.salvaged; }
DeadLetterStore& BatchStore::letters() { return implementation_->letters; }
const DeadLetterStore& BatchStore::letters() const { return implementation_->letters; }

Sequence BatchStore::last() const { return std::max(segments().last(), Sequence{implementation_->removed}); }

Sequence BatchStore::removed() const { return segments().empty() ? last() : Sequence{segments().first().value - 1}; }

Result<std::uint64_t> BatchStore::write(const Commit& commit, bool sync) {
  auto& self = *implementation_;
  if (self.writer.broken()) return *self.writer.broken();
  auto* const meta = self.database.meta();
  rocksdb::WriteBatch batch;
  std::uint64_t bytes = 0;
  if (!commit.events.empty()) {
    const std::string value = pack_batch(encode_batch(commit.events));
    bytes = value.size();
    batch.Put(self.database.batches(), encode_key(commit.events.front()->sequence()), value);
  }
  for (const std::string& sink : commit.forgotten_sinks)
    for (const auto prefix : {store_key::cursor_prefix, store_key::unacknowledged_prefix, store_key::deferred_prefix,
                              store_key::removed_sink_prefix})
      batch.Delete(meta, store_key::join(prefix, sink));
  for (const auto& [sink, position] : commit.cursors)
    batch.Put(meta, store_key::join(store_key::cursor_prefix, sink), encode_key(position));
  for (const auto& [sink, letter] : commit.letters) self.letters.put(batch, sink, letter);
  for (const auto& [sink, letter] : commit.letters_taken) self.letters.remove(batch, sink, dead_letter_key(letter));
  for (const auto& [number, gap] : commit.gaps) {
    batch.Put(meta, store_key::join(store_key::gap_prefix, store_key::number(number)), to_json(gap));
    remove_reported_damage(self.database, gap, batch);
    if (number >= max_gaps)
      batch.Delete(meta, store_key::join(store_key::gap_prefix, store_key::number(number - max_gaps)));
  }
  for (const auto& [pbx, mark] : commit.streams)
    batch.Put(meta, store_key::join(store_key::stream_prefix, pbx), encode_subscribed_until(mark));
  for (const auto& [sink, runs] : commit.unacknowledged)
    replace(batch, meta, store_key::join(store_key::unacknowledged_prefix, sink), filled(encode_unacknowledged(runs)));
  for (const auto& [sink, deferred] : commit.deferred)
    replace(batch, meta, store_key::join(store_key::deferred_prefix, sink),
            deferred.deliveries.empty() ? std::nullopt : std::optional(encode_deferred(deferred)));
  for (const auto& [sink, since] : commit.removed_sinks)
    replace(batch, meta, store_key::join(store_key::removed_sink_prefix, sink),
            since ? std::optional(encode_removed_since(*since)) : std::nullopt);
  for (const Damage& damage : commit.damages_reported) remove_reported_damage(self.database, damage, batch);
  for (const auto& [key, row] : commit.table_changes)
    replace(batch, meta, store_key::join(store_key::row_prefix, key), row);
  if (commit.cursors_complete) batch.Delete(meta, store_key::salvaged);
  self.put_segments(batch, commit.closed_segments);
  self.add_removals(batch, commit.removed_segments);
  if (auto applied = self.writer.apply(batch, sync); !applied) return applied.error();
  if (!commit.events.empty()) self.newest = commit.events.back()->sequence();
  self.note_newest();
  if (!commit.removed_segments.empty()) {
    self.removed = commit.removed_segments.back().last.value;
    if (auto freed = self.free_files(worth_freeing); !freed) return freed.error();
  }
  return bytes;
}

void BatchStore::note() { implementation_->note_newest(); }

Result<void> BatchStore::free_space() {
  auto& self = *implementation_;
  if (self.writer.broken()) return *self.writer.broken();
  // The log holds on to what was removed until the tables have what is left of it.
  if (auto flushed = flush(); !flushed) return flushed;
  self.removed_bytes += 1;
  return self.free_files(1);
}

Result<void> BatchStore::flush() {
  auto& self = *implementation_;
  const auto status = self.db().Flush(rocksdb::FlushOptions(), self.database.families);
  if (!status.ok()) return self.writer.fail("cannot write to the spool", status);
  return {};
}

std::optional<std::string> BatchStore::missing_file() { return implementation_->live_files.missing(); }

void BatchStore::leave_files() { static_cast<void>(implementation_->db().DisableFileDeletions()); }

/// Syncs with a write of its own: SyncWAL can make RocksDB 7.8 miss a log that it has removed itself (fixed in 7.10).
Result<void> BatchStore::sync() {
  rocksdb::WriteBatch batch;
  batch.Put(implementation_->database.meta(), store_key::synced, "");
  return implementation_->writer.apply(batch, true);
}

Result<BatchStore::Chunk> BatchStore::read(Sequence position, std::size_t max_bytes) const {
  const auto& self = *implementation_;
  return read_batches(self.db(), self.database.batches(), id(), std::max(position, Sequence{self.removed}), max_bytes);
}

bool BatchStore::keep_in_quarantine(const Damage& damage) const {
  const auto& self = *implementation_;
  std::vector<rocksdb::LiveFileMetaData> live;
  self.db().GetLiveFilesMetaData(&live);
  const std::string after = encode_key(damage.after);
  const std::string before = encode_key(damage.before);
  std::vector<std::filesystem::path> tables;
  for (const auto& file : live)
    if (file.column_family_name == rocksdb::kDefaultColumnFamilyName && file.largestkey >= after &&
        (damage.before.value == 0 || file.smallestkey <= before))
      tables.push_back(file.db_path + "/" + file.name.substr(file.name.rfind('/') + 1));
  return self.quarantine.keep(std::move(tables));
}

std::vector<std::pair<std::uint64_t, Gap>> BatchStore::gaps() const { return load_gaps(implementation_->database); }

Result<std::vector<TableRow>> BatchStore::tables() const { return load_tables(implementation_->database); }

}  // namespace pbxbridge::spool
