#pragma once

#include "deliver/outcome_watch.hpp"
#include "tap/allowance.hpp"
#include "tap/examined_event.hpp"
#include "tap/filter.hpp"
#include "tap/followed_events.hpp"
#include "tap/moment_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace pbxbridge::tap {

/// Shows one listener events and how they end: those that its filter takes, up to its rate, each from its acceptance to
/// its last end, so that a sample is one of whole events. What waits for the listener is bounded. Pure: times are
/// passed in, and lines are taken from it.
class Tap {
 public:
  struct Settings {
    Filter filter;
    Shown shown = Shown::masked;
    std::uint32_t rate = 20;  ///< events a second
  };
  static constexpr std::size_t most_text = 256 * 1024;  ///< bytes of lines that wait for the listener

  explicit Tap(Settings settings);

  /// Events from here on come to `accepted`, or are counted as not looked at.
  void decide_from(Sequence sequence) { followed_.decide_from(sequence); }
  void accepted(ExaminedEvent& event, Time now);

  /// Answers what becomes of the end of a delivery.
  enum class Interest : std::uint8_t { none, shown, undecided };
  Interest interest_in(const std::string& sink, const Delivery& delivery) const;
  /// Decides upon an event that was accepted before anyone listened; its end is then asked for again.
  void decide(ExaminedEvent& event, Time now) { static_cast<void>(take(event, now)); }
  void ended(const std::string& sink, const Delivery& delivery, deliver::Ending ending, const std::string& reason,
             SystemTime now);

  void not_looked_at(std::uint64_t events) { left_out_.not_looked_at += events; }

  /// All lines that wait, and at most once a second what was left out since it was told.
  std::string take_text(Time now, SystemTime wall_clock);

 private:
  bool take(ExaminedEvent& event, Time now);
  std::vector<const Destination*> wanted_destinations(ExaminedEvent& event) const;
  void add(const std::string& line);

  const Settings settings_;
  Allowance rate_;
  FollowedEvents followed_;
  LeftOut left_out_;
  Time told_left_out_;
  std::string text_;
};

}  // namespace pbxbridge::tap
