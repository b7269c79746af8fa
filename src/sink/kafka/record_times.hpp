#pragma once

#include <atomic>
#include <chrono>

namespace pbxbridge::sink {

/// Finds which timestamps a topic takes. A broker rejects those that are further from its own clock than the topic's
/// `message.timestamp.before.max.ms` and `message.timestamp.after.max.ms` (`message.timestamp.difference.max.ms` before
/// Kafka 3.6), and does not say by how much: the limit is searched downwards from what was rejected. One thread reports
/// what was rejected, any asks.
class RecordTimes {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// Time since 1970, as all times here. Kafka's timestamp of a record that has none, which every broker takes.
  static constexpr Milliseconds no_time{-1};

  /// Returns whether each time was taken so far.
  bool takes_all() const { return farthest_.load() == Milliseconds::max(); }
  /// The timestamp for an event of this time.
  Milliseconds timestamp(Milliseconds time, Milliseconds now) const {
    if (std::chrono::abs(now - time) <= farthest_.load()) return time;
    return clocks_differ_ ? no_time : now;
  }
  /// Returns whether even the present is rejected, so that timestamps are of no use.
  bool clocks_differ() const { return clocks_differ_; }

  /// A batch was rejected for a timestamp; the one farthest from the present was so far from it.
  void rejected(Milliseconds distance) {
    const bool is_present = distance < shortest_limit;
    if (is_present) clocks_differ_ = true;
    const Milliseconds farthest = is_present ? Milliseconds(-1) : distance / 2;
    if (farthest < farthest_.load()) farthest_ = farthest;
  }

 private:
  /// A time rejected so soon is rejected by another clock.
  static constexpr Milliseconds shortest_limit{500};

  std::atomic<Milliseconds> farthest_{Milliseconds::max()};  // from the present, of times that are taken
  std::atomic<bool> clocks_differ_ = false;
};

}  // namespace pbxbridge::sink
