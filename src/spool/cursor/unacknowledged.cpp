#include "spool/cursor/unacknowledged.hpp"

#include "spool/log/byte_codec.hpp"

#include <algorithm>
#include <array>

namespace pbxbridge::spool {

namespace {

/// Their places are what stands on the disk.
constexpr std::array stored_reasons = {DropReason::spool_full, DropReason::expired, DropReason::corrupted};

SystemTime time_of(std::int64_t nanoseconds) { return SystemTime(std::chrono::nanoseconds(nanoseconds)); }

}  // namespace

void Unacknowledged::add(const Segment& events, DropReason reason) {
  if (!runs_.empty() && runs_.back().reason == reason && runs_.back().events.last.next() == events.first) {
    runs_.back().events.last = events.last;
    runs_.back().events.oldest = std::min(runs_.back().events.oldest, events.oldest);
    runs_.back().events.newest = std::max(runs_.back().events.newest, events.newest);
  } else {
    runs_.push_back({events, reason});
  }
}

void Unacknowledged::acknowledge(Sequence position) {
  std::erase_if(runs_, [position](const UnacknowledgedRun& run) { return run.events.last <= position; });
  for (UnacknowledgedRun& run : runs_) run.events.first = std::max(run.events.first, position.next());
}

std::string encode_unacknowledged(const UnacknowledgedRuns& runs) {
  std::string bytes;
  for (const UnacknowledgedRun& run : runs) {
    put(bytes, run.events.first.value);
    put(bytes, run.events.last.value);
    put(bytes, std::int64_t{run.events.oldest.time_since_epoch().count()});
    put(bytes, std::int64_t{run.events.newest.time_since_epoch().count()});
    const auto* const reason = std::find(stored_reasons.begin(), stored_reasons.end(), run.reason);
    put(bytes, static_cast<std::uint8_t>(reason - stored_reasons.begin()));
  }
  return bytes;
}

std::optional<UnacknowledgedRuns> decode_unacknowledged(std::string_view bytes) {
  UnacknowledgedRuns runs;
  Cutter cutter(bytes);
  while (!cutter.at_end()) {
    UnacknowledgedRun run;
    run.events.first.value = cutter.number<std::uint64_t>();
    run.events.last.value = cutter.number<std::uint64_t>();
    run.events.oldest = time_of(cutter.number<std::int64_t>());
    run.events.newest = time_of(cutter.number<std::int64_t>());
    const auto reason = cutter.number<std::uint8_t>();
    if (!cutter.ok() || run.events.last < run.events.first || reason >= stored_reasons.size()) return std::nullopt;
    run.reason = stored_reasons[reason];
    runs.push_back(run);
  }
  return runs;
}

}  // namespace pbxbridge::spool
