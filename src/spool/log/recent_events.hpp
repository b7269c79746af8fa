#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace pbxbridge::spool {

/// The newest committed events, in memory for the sinks that keep up; bounded by bytes.
class RecentEvents {
 public:
  explicit RecentEvents(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// Newer than all before, in order.
  void add(std::vector<EventPtr> events);
  /// All of them; none is left.
  std::vector<EventPtr> take();
  /// Drops what all have read, and what is too much: a sink that has not read it reads it from the disk.
  void trim(Sequence read_by_all);

  /// The events after `position`, at most so many; none where older ones come first, that are on the disk only.
  void read(Sequence position, std::size_t max_events, std::vector<EventPtr>& events) const;
  /// The oldest of them; nothing where there is none.
  std::optional<Sequence> first() const;

 private:
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::deque<EventPtr> events_;
};

}  // namespace pbxbridge::spool
