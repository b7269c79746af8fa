#include "spool/store/rocksdb/store_reading.hpp"

#include "pbxbridge/event.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/store/storage_cause.hpp"

#include <algorithm>
#include <optional>

namespace pbxbridge::spool {

namespace {

/// Goes through the batches after a position and gets over what is damaged.
class BatchWalk {
 public:
  BatchWalk(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id, Sequence position)
      : database_(database),
        batches_(batches),
        spool_id_(spool_id),
        position_(position),
        iterator_(new_iterator(database, batches)) {
    // The batch that the position is in the middle of begins before it.
    iterator_->SeekForPrev(encode_key(position.next()));
    if (is_unreadable(cause_of(iterator_->status()))) note_unreadable(iterator_->status());
    if (!iterator_->Valid()) iterator_->Seek(encode_key(position.next()));
    get_over_damage();
  }

  /// Also where it cannot go on for now: see `status`.
  bool at_end() const { return !iterator_->Valid(); }

  bool met_disk_error() const { return disk_error_; }

  /// Says why it cannot go on; ok at the end of what there is.
  rocksdb::Status status() const { return iterator_->status(); }

  /// The events of this batch after the position, which moves past them; then to the next batch. `bytes`: what the
  /// batch takes on disk.
  std::vector<EventPtr> take(std::uint64_t& bytes) {
    const auto first = decode_key(view(iterator_->key())).value_or(position_.next());
    const auto value = view(iterator_->value());
    bytes = value.size();
    DecodedBatch batch = decode_batch(unpack_batch(value, unpacked_), spool_id_);
    for (const EventPtr& event : batch.events)
      if (event->sequence() <= position_) newest_time_ = event->received_at();
    std::erase_if(batch.events, [this](const EventPtr& event) { return event->sequence() <= position_; });
    const bool damaged = batch.damaged > 0 || batch.truncated;
    Sequence expected = std::max(position_.next(), first);
    for (const EventPtr& event : batch.events) {
      if (damaged && event->sequence() != expected) note_missing(damaged_records);
      tell_missing(event->sequence(), event->received_at());
      position_ = event->sequence();
      newest_time_ = event->received_at();
      expected = position_.next();
    }
    // A batch without a readable head does not show how many events it had.
    if (damaged && (batch.announced == 0 || expected.value < first.value + batch.announced))
      note_missing(damaged_records);
    iterator_->Next();
    get_over_damage();
    return std::move(batch.events);
  }

  /// Damage found before the last event that was taken, and, at the end, after it.
  std::vector<Damage> damages() {
    if (at_end()) tell_missing({}, {});
    return std::move(damages_);
  }

 private:
  static constexpr const char* damaged_records = "the checksum of a record does not hold";

  void note_unreadable(const rocksdb::Status& status) {
    disk_error_ = disk_error_ || cause_of(status) == StorageCause::device;
    note_missing(status.ToString());
  }
  /// Events after the position cannot be read, up to the next that is taken.
  void note_missing(std::string reason) {
    if (!missing_) missing_ = Damage{position_, {}, std::move(reason), newest_time_, {}};
  }
  void tell_missing(Sequence before, SystemTime received) {
    if (missing_ && before != missing_->after.next()) {
      missing_->before = before;
      missing_->end = received;
      damages_.push_back(std::move(*missing_));
    }
    missing_.reset();
  }

  /// A damaged block ends an iterator, and its keys are not known: the first position after it that can be read is
  /// sought by larger and larger steps, and then between the last two.
  void get_over_damage() {
    if (iterator_->Valid() || !is_unreadable(cause_of(iterator_->status()))) return;
    note_unreadable(iterator_->status());
    constexpr std::uint64_t largest_step = 1ULL << 62;
    std::uint64_t damaged = 0;
    std::uint64_t readable = 1;
    while (!can_seek(readable) && readable < largest_step) {
      damaged = readable;
      readable *= 2;
    }
    while (readable - damaged > 1) {
      const std::uint64_t middle = damaged + (readable - damaged) / 2;
      (can_seek(middle) ? readable : damaged) = middle;
    }
    can_seek(readable);
  }

  /// Seeks with an iterator of its own: one that has met a damaged block goes on failing where there is none.
  bool can_seek(std::uint64_t step) {
    iterator_ = new_iterator(database_, batches_);
    iterator_->Seek(encode_key(Sequence{position_.value + step}));
    return !is_unreadable(cause_of(iterator_->status()));
  }

  rocksdb::DB& database_;
  rocksdb::ColumnFamilyHandle* const batches_;
  SpoolId spool_id_;
  Sequence position_;
  SystemTime newest_time_{};       // time of the event at the position, where it was read
  std::optional<Damage> missing_;  // until its end is known
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string unpacked_;  // kept for its capacity
  std::vector<Damage> damages_;
  bool disk_error_ = false;
};

}  // namespace

std::unique_ptr<rocksdb::Iterator> new_iterator(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.verify_checksums = true;
  // Nothing here is deleted by ranges. Where it looks for them, RocksDB 7.8 loses the error of a table whose first
  // block is damaged, and all tables after that one, without a word.
  options.ignore_range_deletions = true;
  return std::unique_ptr<rocksdb::Iterator>(database.NewIterator(options, family));
}

Result<BatchStore::Chunk> read_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id,
                                       Sequence position, std::size_t max_bytes) {
  BatchStore::Chunk chunk;
  BatchWalk walk(database, batches, spool_id, position);
  for (std::size_t taken = 0; !walk.at_end() && taken < max_bytes;) {
    std::uint64_t bytes = 0;
    auto events = walk.take(bytes);
    for (const EventPtr& event : events) taken += event->size_bytes();
    chunk.events.insert(chunk.events.end(), std::make_move_iterator(events.begin()),
                        std::make_move_iterator(events.end()));
  }
  if (!walk.status().ok()) return storage_error("cannot read from the spool", walk.status());
  chunk.at_end = walk.at_end();
  chunk.disk_error = walk.met_disk_error();
  chunk.damages = walk.damages();
  return chunk;
}

Result<std::vector<Damage>> scan_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id,
                                         Sequence position, const std::function<void(const Segment&)>& each) {
  BatchWalk walk(database, batches, spool_id, position);
  while (!walk.at_end()) {
    std::uint64_t bytes = 0;
    const auto events = walk.take(bytes);
    if (!events.empty()) each(segment_of(events, bytes));
  }
  if (!walk.status().ok()) return storage_error("cannot read from the spool", walk.status());
  return walk.damages();
}

}  // namespace pbxbridge::spool
