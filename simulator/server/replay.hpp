#pragma once

#include "pbxbridge/error.hpp"
#include "simulator/model/event_facts.hpp"
#include "simulator/model/world.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

namespace pbxbridge::sim {

/// Events of files that wait to be pushed. Those of a recording (record/recording.hpp) come at their own times, counted
/// from the first; lines of another file have no time. Plain: the time is passed in.
class Replay {
 public:
  using Clock = std::chrono::steady_clock;

  struct Push {
    /// Decides who gets it. The events of a recording are for whoever has subscribed to their family: the ids in them
    /// are another PBX's.
    const EventFacts* facts;
    std::string bytes;
    bool binary = false;
    std::optional<std::chrono::microseconds> after = std::nullopt;
  };

  /// `speed`: how many times as fast as they were recorded they come.
  explicit Replay(double speed) : speed_(speed) {}

  /// Returns the number of events that the file adds, or why there are none.
  Result<std::size_t> add(const std::filesystem::path& file, const World& world, Dialect dialect);

  bool empty() const { return pushes_.empty(); }
  /// Returns whether the events that wait are those of a recording.
  bool is_recording() const { return !pushes_.empty() && pushes_.front().after; }
  /// Returns how long the next event has to wait; 0 or less: not at all; nothing: it has no time. There is one.
  std::optional<Clock::duration> until_next(Clock::time_point now);
  Push take();

 private:
  double speed_;
  std::set<EventFacts> facts_;  // millions of lines are about few things
  std::deque<Push> pushes_;
  std::optional<Clock::time_point> began_;  // when the recording's time 0 was, or would have been
};

}  // namespace pbxbridge::sim
