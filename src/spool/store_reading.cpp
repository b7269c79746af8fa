#include "spool/store_reading.hpp"

#include "spool/record.hpp"

#include <algorithm>

namespace pbxbridge::spool {

namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Goes through the batches behind a position and gets over what is damaged.
class BatchWalk {
 public:
  BatchWalk(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, const std::shared_ptr<const SpoolId>& spool_id,
            Sequence position)
      : spool_id_(spool_id), position_(position), iterator_(new_iterator(database, batches)) {
    // The batch that the position is in the middle of begins before it.
    iterator_->SeekForPrev(encode_key(position.next()));
    if (!iterator_->Valid()) iterator_->Seek(encode_key(position.next()));
    get_over_damage();
  }

  bool at_end() const { return !iterator_->Valid(); }

  /// The events of this batch behind the position, which moves behind them; then to the next batch.
  std::vector<EventPtr> take(std::uint64_t& bytes) {
    const auto value = view(iterator_->value());
    bytes = value.size();
    DecodedBatch batch = decode_batch(value, spool_id_);
    const bool damaged = batch.damaged > 0 || batch.truncated;
    std::erase_if(batch.events, [this](const EventPtr& event) { return event->sequence() <= position_; });
    if (damaged) tell_missing(batch.events);
    if (!batch.events.empty()) position_ = batch.events.back()->sequence();
    iterator_->Next();
    get_over_damage();
    if (damaged && batch.truncated && !at_end()) tell_rest();
    return std::move(batch.events);
  }

  std::vector<Damage> damages() { return std::move(damages_); }

 private:
  void tell_missing(const std::vector<EventPtr>& events) {
    Sequence before = position_;
    for (const EventPtr& event : events) {
      if (event->sequence() != before.next())
        damages_.push_back({before, event->sequence(), "the checksum of a record does not hold"});
      before = event->sequence();
    }
    lost_end_ = before;
  }

  /// The end of a batch that could not be split: how many there were is known from where the next batch begins.
  void tell_rest() {
    const auto next = decode_key(view(iterator_->key()));
    if (next && next->start_epoch() == lost_end_.start_epoch() && *next != lost_end_.next())
      damages_.push_back({lost_end_, *next, "a batch is cut short"});
  }

  /// A damaged block ends an iterator. Its keys are not known, so larger and larger steps are tried.
  void get_over_damage() {
    constexpr std::uint64_t largest_step = 1ULL << 24;
    for (std::uint64_t step = 1; !iterator_->Valid() && !iterator_->status().ok(); step *= 2) {
      const std::string reason = iterator_->status().ToString();
      if (step > largest_step) {
        damages_.push_back({position_, {}, reason});
        position_.value += largest_step;
        return;
      }
      iterator_->Seek(encode_key(Sequence{position_.value + step}));
      if (!iterator_->Valid()) continue;
      if (const auto next = decode_key(view(iterator_->key())); next && *next > position_.next())
        damages_.push_back({position_, *next, reason});
    }
  }

  const std::shared_ptr<const SpoolId>& spool_id_;
  Sequence position_;
  Sequence lost_end_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::vector<Damage> damages_;
};

}  // namespace

std::unique_ptr<rocksdb::Iterator> new_iterator(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.verify_checksums = true;
  return std::unique_ptr<rocksdb::Iterator>(database.NewIterator(options, family));
}

BatchStore::Chunk read_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches,
                               const std::shared_ptr<const SpoolId>& spool_id, Sequence position,
                               std::size_t max_bytes) {
  BatchStore::Chunk chunk;
  BatchWalk walk(database, batches, spool_id, position);
  for (std::size_t taken = 0; !walk.at_end() && taken < max_bytes;) {
    std::uint64_t bytes = 0;
    auto events = walk.take(bytes);
    taken += bytes;
    chunk.events.insert(chunk.events.end(), std::make_move_iterator(events.begin()),
                        std::make_move_iterator(events.end()));
  }
  chunk.at_end = walk.at_end();
  chunk.damages = walk.damages();
  return chunk;
}

ScannedBatches scan_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches,
                            const std::shared_ptr<const SpoolId>& spool_id, Sequence position, std::size_t max_bytes) {
  ScannedBatches scanned;
  BatchWalk walk(database, batches, spool_id, position);
  for (std::size_t taken = 0; !walk.at_end() && taken < max_bytes;) {
    std::uint64_t bytes = 0;
    const auto events = walk.take(bytes);
    taken += bytes;
    if (events.empty()) continue;
    scanned.batches.push_back({events.front()->sequence(), events.back()->sequence(), bytes,
                               events.front()->received_at(), events.back()->received_at()});
  }
  scanned.at_end = walk.at_end();
  scanned.damages = walk.damages();
  return scanned;
}

}  // namespace pbxbridge::spool
