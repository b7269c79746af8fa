#pragma once

#include "status/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace pbxbridge::page {

/// Lines of a tap, a JSON object each, as a server-sent event `events`. `number` counts them, so that the page notices
/// those that it has not got.
std::string events_event(std::uint64_t number, const std::string& lines);

/// Points of the charts, one a second for each sink, of the last 15 minutes. Bounded, whatever the sinks are called.
class ChartHistory {
 public:
  void add(SystemTime at, const std::vector<status::ChartPoint>& sinks);
  /// All points, as a server-sent event `history`.
  std::string history_event() const;
  /// The parts of the page and the latest point, as a server-sent event `status`.
  std::string status_event(const status::Snapshot& snapshot) const;

 private:
  static constexpr std::size_t most_points = 15 * 60;
  std::deque<std::string> points_;  // as JSON
};

}  // namespace pbxbridge::page
