#pragma once

#include "pbxbridge/error.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/salvage/salvaged_store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool::salvage {

/// Destinations of an event in a sink, by the routes: topics and keys.
using Destinations = std::function<std::vector<std::pair<std::string, std::string>>(const Event&, const std::string&)>;

struct PutBack {
  Salvaged salvaged;                              ///< content of the directory
  std::uint64_t there = 0;                        ///< events that the spool has
  std::uint64_t done = 0;                         ///< that it lacks, because every sink is done with them
  std::uint64_t put_back = 0;                     ///< that wait in their old places again
  std::map<std::string, std::uint64_t> redriven;  ///< dead letters by sink: it has passed these places
  std::uint64_t letters = 0;                      ///< dead letters of the directory that the spool lacked
};

/// Puts what `from` holds and the spool lacks back into the spool, which no process uses, with the ids that it had. An
/// event that a sink has not come to yet waits in its old place. For a sink that has passed it, and for which it was
/// told to be missing (a gap), it becomes a dead letter that is redriven at the next start. Nothing in `from` is
/// changed. `on_progress`: see SalvageOrder.
Result<PutBack> put_back(const std::filesystem::path& from, const std::filesystem::path& spool_directory,
                         const Destinations& destinations, const SalvageProgress& on_progress);

}  // namespace pbxbridge::spool::salvage
