#include "spool/salvage/put_back.hpp"

#include "pbxbridge/event.hpp"
#include "spool/dead_letters/dead_letter_store.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/store/rocksdb/database_writer.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/rocksdb/store_reading.hpp"
#include "spool/store/storage_cause.hpp"
#include "spool/store/store_contents.hpp"
#include "spool/store/store_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

namespace pbxbridge::spool::salvage {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_bytes = std::size_t{1024} * 1024;

/// A directory that goes with this object.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) { clear(); }
  ~Scratch() { clear(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void clear() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

class PuttingBack {
 public:
  PuttingBack(const Database& source, const Database& target, const StoreContents& contents,
              const Destinations& destinations, PutBack& done)
      : source_(source), target_(target), contents_(contents), destinations_(destinations), done_(done) {}

  Result<void> carry_out() {
    if (const auto status = letters_.count(); !status.ok()) return storage_error("cannot read the spool", status);
    for (const auto& [number, gap] : load_gaps(target_))
      if (gap.reason == GapReason::corrupted) reported_.push_back(gap);
    for (const Damage& damage : contents_.damages)
      reported_.push_back({.reason = GapReason::corrupted, .after = damage.after, .before = damage.before});
    if (auto scanned = scan_target(); !scanned) return scanned;
    if (auto events = put_events(); !events) return events;
    return put_letters();
  }

 private:
  Result<void> scan_target() {
    const auto scanned = scan_batches(*target_.rocksdb, target_.batches(), contents_.id, {},
                                      [this](const Segment& batch) { add_to_runs(runs_, batch); });
    return scanned ? Result<void>() : scanned.error();
  }

  bool was_reported(Sequence event) const {
    return std::ranges::any_of(reported_, [event](const Gap& gap) {
      return gap.after < event && (gap.before.value == 0 || event < gap.before);
    });
  }

  Result<void> put_events() {
    Sequence position;
    for (bool at_end = false; !at_end;) {
      auto chunk = read_batches(*source_.rocksdb, source_.batches(), contents_.id, position, chunk_bytes);
      if (!chunk) return chunk.error();
      rocksdb::WriteBatch batch;
      for (const EventPtr& event : chunk->events) {
        position = event->sequence();
        if (is_in_runs(runs_, position))
          ++done_.there;
        else
          put_event(event, batch);
      }
      put_waiting(batch);
      if (auto written = write(batch); !written) return written;
      at_end = chunk->at_end || chunk->events.empty();
    }
    return {};
  }

  void put_event(const EventPtr& event, rocksdb::WriteBatch& batch) {
    const Sequence sequence = event->sequence();
    bool is_wanted = contents_.cursors.empty() && sequence > contents_.removed;
    bool is_redriven = false;
    for (const auto& [sink, position] : contents_.cursors) {
      if (position < sequence && sequence > contents_.removed)
        is_wanted = true;
      else if (position >= sequence && was_reported(sequence))
        is_redriven = redrive(event, sink, batch) || is_redriven;
    }
    if (is_wanted) {
      if (!waiting_.empty() && waiting_.back()->sequence().next() != sequence) put_waiting(batch);
      waiting_.push_back(event);
      ++done_.put_back;
    }
    if (!is_wanted && !is_redriven) ++done_.done;
  }

  bool redrive(const EventPtr& event, const std::string& sink, rocksdb::WriteBatch& batch) {
    const auto destinations = destinations_(*event, sink);
    for (const auto& [topic, key] : destinations) {
      const DeadLetter letter{.event = event,
                              .topic = topic,
                              .key = key,
                              .reason = "was missing from the spool, and was salvaged",
                              .rejected_at = std::chrono::system_clock::now(),
                              .attempts = 0,
                              .stored_as = {}};
      letters_.put(batch, sink, letter);
      batch.Put(target_.meta(), store_key::of_sink(store_key::redrive_prefix, sink) + dead_letter_key(letter), "");
      ++done_.redriven[sink];
    }
    return !destinations.empty();
  }

  void put_waiting(rocksdb::WriteBatch& batch) {
    if (waiting_.empty()) return;
    batch.Put(target_.batches(), encode_key(waiting_.front()->sequence()), pack_batch(encode_batch(waiting_)));
    waiting_.clear();
  }

  /// The list of segments is made again from the batches when it is not there.
  Result<void> write(rocksdb::WriteBatch& batch) {
    if (batch.Count() == 0) return {};
    scan_prefix(*target_.rocksdb, target_.meta(), store_key::segment_prefix, "",
                [&](std::string_view key, std::string_view) {
                  batch.Delete(target_.meta(), store_key::join(store_key::segment_prefix, key));
                  return true;
                });
    return writer_.apply(batch, true);
  }

  Result<void> put_letters() {
    rocksdb::WriteBatch batch;
    rocksdb::Status status;
    scan_prefix(*source_.rocksdb, source_.letters(), "", "", [&](std::string_view key, std::string_view value) {
      const rocksdb::Slice name(key.data(), key.size());
      std::string known;
      if (!target_.rocksdb->Get(rocksdb::ReadOptions(), target_.letters(), name, &known).IsNotFound()) return true;
      batch.Put(target_.letters(), name, rocksdb::Slice(value.data(), value.size()));
      ++done_.letters;
      return true;
    });
    return write(batch);
  }

  const Database& source_;
  const Database& target_;
  const StoreContents& contents_;
  const Destinations& destinations_;
  PutBack& done_;
  DatabaseWriter writer_{target_};
  DeadLetterStore letters_{target_, writer_, contents_.id};
  std::vector<Segment> runs_;
  std::vector<Gap> reported_;
  std::vector<EventPtr> waiting_;  // events of one run, not in the batch yet
};

}  // namespace

Result<PutBack> put_back(const fs::path& from, const fs::path& spool_directory, const Destinations& destinations,
                         const SalvageProgress& on_progress) {
  const Scratch scratch(spool_directory / "store.put_back");
  PutBack done;
  auto salvaged = make_salvaged_store(
      {.from = from, .to = scratch.path(), .known = {}, .reason = "", .note = "", .on_progress = on_progress});
  if (!salvaged) return salvaged.error();
  done.salvaged = std::move(salvaged.value());
  const auto source = open_store_database(scratch.path());
  if (!source) return source.error();
  const auto target = open_database(spool_directory);
  if (!target) return target.error();
  const auto contents = load_contents(*target, EpochLog::read(spool_directory));
  if (!contents) return contents.error();
  const auto from_contents = load_contents(*source, {});
  if (!from_contents) return from_contents.error();
  if (from_contents->id != contents->id)
    return Error{ErrorCategory::storage,
                 fmt::format("{} holds the events of another spool, {}; the one in {} is {}", from.string(),
                             from_contents->id.text(), spool_directory.string(), contents->id.text())};
  if (auto put = PuttingBack(*source, *target, *contents, destinations, done).carry_out(); !put) return put.error();
  return done;
}

}  // namespace pbxbridge::spool::salvage
