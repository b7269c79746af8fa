#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace pbxbridge::bench {

/// Returns when the simulated PBX pushed each event, in UNIX microseconds, by the event's number less one, as its
/// ledger says. The n-th push of a run is the n-th line of the file it replays, for only one client is there and it
/// gets everything. Throws where the ledger does not hold as many pushes.
std::vector<std::int64_t> read_sent_times(const std::filesystem::path& ledger, std::size_t count);

}  // namespace pbxbridge::bench
