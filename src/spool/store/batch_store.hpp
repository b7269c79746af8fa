#pragma once

#include "pbxbridge/error.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/cursor/deferred_deliveries.hpp"
#include "spool/cursor/removed_sinks.hpp"
#include "spool/cursor/unacknowledged.hpp"
#include "spool/dead_letters/dead_letter.hpp"
#include "spool/dead_letters/dead_letter_store.hpp"
#include "spool/derivation.hpp"
#include "spool/gaps/gap.hpp"
#include "spool/gaps/subscribed_until.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/store/damage.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// Position of each sink: everything up to and including the sequence is done with.
using CursorPositions = std::map<std::string, Sequence>;

/// Rows by key; nothing: deletes it.
using TableChanges = std::unordered_map<std::string, std::optional<std::string>>;

/// Everything that one commit writes: all of it or nothing.
struct Commit {
  std::vector<std::string> forgotten_sinks;  ///< deletes all but their dead letters, before what follows
  std::vector<EventPtr> events;              ///< in the order of their sequences, all newer than any before
  CursorPositions cursors;
  std::vector<std::pair<std::string, DeadLetter>> letters;        ///< by sink
  std::vector<std::pair<std::string, DeadLetter>> letters_taken;  ///< that are letters no more
  std::vector<std::pair<std::uint64_t, Gap>> gaps;                ///< by number; a known number replaces
  SubscribedUntilByPbx streams;
  UnacknowledgedBySink unacknowledged;  ///< replaces what is there for a sink
  DeferredBySink deferred;              ///< likewise
  RemovedSinks removed_sinks;           ///< likewise
  std::vector<Segment> closed_segments;
  std::vector<Segment> removed_segments;  ///< oldest first: what they hold is not read again
  std::vector<Damage> damages_reported;   ///< by other gaps than with their bounds
  TableChanges table_changes;             ///< what the events have changed
  bool cursors_complete = false;          ///< every sink's cursor has been written, up to this commit

  bool empty() const;
  /// Replaces the one with that number.
  void put_gap(std::uint64_t number, Gap gap);
  /// Takes back what was to be written of that sink.
  void forget_sink(const std::string& sink);
};

/// Facts about a spool that this process has used already and opens again, in case the disk no longer knows them.
struct EarlierStore {
  std::uint32_t start_epoch = 0;
  std::optional<SpoolId> id;
};

/// The batches of one spool on disk, over RocksDB. The layout of a batch stands in record.hpp.
///
/// Keys: family `default` holds the batches by their first sequence; `dead_letters` the letters by sink, NUL and
/// dead_letter_key; `meta` the format, the spool's id, the start epoch, `removed`, `synced`, `salvaged`, and `cursor/`,
/// `segment/`, `gap/`, `redrive/`, `stream/`, `damage/`, `unconfirmed/`, `held_back/`, `removed_sink/`, `state/`
/// entries.
///
/// Invariants:
///   1. `write` with `sync` returns success only after the whole commit is on stable storage (WAL and fdatasync).
///      Without it the commit survives the end of the process, but not that of the machine. A crash keeps all of a
///      commit or nothing, and never a later one without an earlier one.
///   2. A failed write is never tried again on the same open store: after a failed fsync the kernel may have dropped
///      the pages, and the next fsync would lie. The store answers every later write with the same error; open it
///      again.
///   3. Each opening for writing has a start epoch of its own, on stable storage before the first commit, so that a
///      sequence lost with a torn tail is not given again.
///   4. What is damaged is skipped and reported, never returned, never silently left out. Of a store that does not
///      open, a new one is made with all that can be read, and its own files are kept in `quarantine/`.
///   5. A format newer than ours is rejected, and nothing is written then.
/// Threads: `write` from one thread at a time, everything else from any.
class BatchStore {
 public:
  enum class Access : std::uint8_t { write, read_only };

  /// Opens or makes the store in `directory`. Reading only works alongside a process that writes, and sees what was
  /// there when it was opened. The store of another spool than the earlier one is an error.
  static Result<std::unique_ptr<BatchStore>> open(const std::filesystem::path& directory, Access access,
                                                  const EarlierStore& earlier = {});
  ~BatchStore();
  BatchStore(const BatchStore&) = delete;
  BatchStore& operator=(const BatchStore&) = delete;

  SpoolId id() const;
  std::uint32_t start_epoch() const;

  // State on the disk when it was opened.
  const CursorPositions& cursors() const;
  const SubscribedUntilByPbx& streams() const;
  const UnacknowledgedBySink& unacknowledged() const;
  const DeferredBySink& deferred() const;
  const RemovedSinks& removed_sinks() const;
  const SegmentIndex& segments() const;
  /// Damage found while opening, now or by a process that ended before it had stored a gap for it; empty in a
  /// sound store.
  const std::vector<Damage>& damages() const;
  /// Says that the store was made of what can be read of a damaged one, and where that is, for the operator; cursors
  /// may be lost. Empty once a commit has had `cursors_complete`.
  const std::string& salvaged() const;
  /// The newest event of all; 0: none.
  Sequence last() const;
  /// Up to where its events were removed when it was opened.
  Sequence removed() const;

  /// Bytes of the batch as it was written.
  Result<std::uint64_t> write(const Commit& commit, bool sync);
  /// Gives the space of what was removed back to the disk, as far as whole files can go. `write` does so by itself when
  /// it is worth it.
  Result<void> free_space();
  /// Notes outside the store how far the events go, once a second at the most; `write` does so, too. To be called from
  /// time to time, so that the last events are noted as well.
  void note();
  /// Puts what was written without it on stable storage.
  Result<void> sync();

  /// The name of a file that the store needs and that somebody has removed.
  std::optional<std::string> missing_file();
  /// Writes what the logs alone hold to tables.
  Result<void> flush();
  /// Removes no file from now on: those in the directory belong to somebody else.
  void leave_files();

  struct Chunk {
    std::vector<EventPtr> events;
    std::vector<Damage> damages;
    bool at_end = false;
    bool disk_error = false;  ///< a damage is the disk's failure to read, which may pass
  };
  /// Events after `position`, whole batches until `max_bytes` is reached.
  Result<Chunk> read(Sequence position, std::size_t max_bytes) const;

  /// Keeps the tables that the damage is in when they are no longer needed. False where that is not possible.
  bool keep_in_quarantine(const Damage& damage) const;

  std::vector<std::pair<std::uint64_t, Gap>> gaps() const;

  /// The rows of the tables, as of the newest event.
  Result<std::vector<TableRow>> tables() const;

  DeadLetterStore& letters();
  const DeadLetterStore& letters() const;

 private:
  struct Implementation;
  explicit BatchStore(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace pbxbridge::spool
