#pragma once

#include "pbxbridge/event.hpp"
#include "spool/unconfirmed.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// How far one sink is in the spool, and what was fetched for it from the disk.
struct SinkCursor {
  std::string sink;
  Sequence read;  ///< everything up to here was handed out, or dropped
  Sequence acknowledged;
  std::deque<EventPtr> fetched;  ///< behind `read`
  Unconfirmed unconfirmed;       ///< between `acknowledged` and `read`
  bool fetching = false;
  std::optional<std::chrono::steady_clock::time_point> disk_fails_since;  ///< to read what is behind `read`

  /// Moves the oldest that were fetched behind `events`, up to so many.
  void hand_out(std::size_t max_events, std::vector<EventPtr>& events) {
    while (!fetched.empty() && events.size() < max_events) {
      events.push_back(std::move(fetched.front()));
      fetched.pop_front();
    }
  }
  void keep_fetched(std::vector<EventPtr> events) {
    for (EventPtr& event : events)
      if (event->sequence() > read) fetched.push_back(std::move(event));
  }
  /// What was handed out stands in the sink's own queue and is delivered from there.
  void drop(Sequence up_to) {
    while (!fetched.empty() && fetched.front()->sequence() <= up_to) fetched.pop_front();
    read = std::max(read, up_to);
  }
};

}  // namespace pbxbridge::spool
