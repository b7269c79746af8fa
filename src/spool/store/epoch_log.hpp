#pragma once

#include "pbxbridge/error.hpp"
#include "pbxbridge/event_id.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// One start of a spool.
struct StartOfSpool {
  std::uint32_t epoch = 0;
  Sequence newest_before;  ///< the newest event that was there: where the start before ended
};

/// Facts that a spool keeps outside its store: which starts it had, where each ended, its id, up to where there are
/// events, and in which format it is. So the store's files can be asked for what they should have, whatever is damaged
/// of them.
struct KnownEpochs {
  SpoolId id;                        ///< 0: not known
  std::vector<StartOfSpool> starts;  ///< oldest first; of a damaged file, those that can be read
  Sequence newest;                   ///< there was an event of that sequence; there may be newer ones
  Sequence removed;                  ///< nothing up to there is read again; more may have been removed
  bool closed = false;               ///< the last start has ended in order: there is none newer than `newest`
  std::uint64_t format = 0;          ///< 0: not known
  std::string written_by;            ///< the version of pbxbridge that wrote in that format; empty: not known

  bool empty() const { return starts.empty(); }
  std::uint32_t last_epoch() const { return starts.empty() ? 0 : starts.back().epoch; }
  /// The newest event of that start; nothing where it is not known.
  std::optional<Sequence> end_of(std::uint32_t epoch) const;
};

/// The file `epochs` in the directory of a spool: a line of text for each start, one of the format, and one of what is
/// there, which is written again from time to time. Each has a checksum. One process at a time. Every later version
/// keeps the line of the format as it is, so that an earlier one knows it whatever the store has become.
class EpochLog {
 public:
  explicit EpochLog(const std::filesystem::path& spool_directory) : file_(spool_directory / "epochs") {}
  ~EpochLog();
  EpochLog(const EpochLog&) = delete;
  EpochLog& operator=(const EpochLog&) = delete;

  static KnownEpochs read(const std::filesystem::path& spool_directory);

  /// A start, on stable storage when it returns.
  Result<void> begin(const StartOfSpool& start, SpoolId id, Sequence removed);
  /// Survives the end of the process, not that of the machine. For a start that has begun.
  void note(Sequence newest, Sequence removed) const { write_note(newest, removed, false); }
  /// The same, when nothing comes any more.
  void close(Sequence newest, Sequence removed) const { write_note(newest, removed, true); }

 private:
  void write_note(Sequence newest, Sequence removed, bool closed) const;

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::int64_t note_at_ = 0;  // place of the line that is written again
};

}  // namespace pbxbridge::spool
