#pragma once

#include "pbxbridge/error.hpp"
#include "spool/salvage/stored_entry.hpp"
#include "spool/store/damage.hpp"
#include "spool/store/epoch_log.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pbxbridge::spool::salvage {

/// A table or a log that was read for a salvage.
struct SalvagedFile {
  std::string name;
  std::uint64_t bytes = 0;
  FileFindings findings;
};

struct Salvaged {
  std::vector<SalvagedFile> files;
  std::uint64_t events = 0;        ///< that are there now
  std::uint64_t found_events = 0;  ///< number of these found in what could not be read as a whole
  std::uint64_t letters = 0;       ///< dead letters
  std::vector<Damage> damages;     ///< missing events that were not reported before
};

/// Bytes of the files that were read, of so many.
using SalvageProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct SalvageOrder {
  std::filesystem::path from;    ///< a directory with tables and logs; nothing in it is changed
  std::filesystem::path to;      ///< directory for the new store; not there yet
  KnownEpochs known;             ///< content that the store should have
  std::string reason;            ///< description of the damage, for the operator
  std::string note;              ///< for the store itself: that it was salvaged, and where what it was made of is
  bool newest_log_lost = false;  ///< so that it is not known how much there was
  SalvageProgress on_progress = [](std::uint64_t, std::uint64_t) {};  ///< called after each file
};

/// Makes a new store of every intact record in every table and log: events by their sequences, the newest of each of
/// the spool's own entries, and what is missing as damage that no gap tells yet. Needs no more memory than twice the
/// largest file and the keys of the dead letters. An error leaves the rest of `to` behind.
Result<Salvaged> make_salvaged_store(const SalvageOrder& order);

/// One line for each file: its name, its bytes, what became of it.
std::string report_of(const Salvaged& salvaged);

}  // namespace pbxbridge::spool::salvage
