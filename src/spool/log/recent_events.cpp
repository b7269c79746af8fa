#include "spool/log/recent_events.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pbxbridge::spool {

void RecentEvents::add(std::vector<EventPtr> events) {
  for (EventPtr& event : events) {
    bytes_ += event->size_bytes();
    events_.push_back(std::move(event));
  }
}

std::vector<EventPtr> RecentEvents::take() {
  std::vector<EventPtr> events(std::make_move_iterator(events_.begin()), std::make_move_iterator(events_.end()));
  events_.clear();
  bytes_ = 0;
  return events;
}

void RecentEvents::trim(Sequence read_by_all) {
  while (!events_.empty() && (bytes_ > max_bytes_ || events_.front()->sequence() <= read_by_all)) {
    bytes_ -= events_.front()->size_bytes();
    events_.pop_front();
  }
}

void RecentEvents::read(Sequence position, std::size_t max_events, std::vector<EventPtr>& events) const {
  events.clear();
  if (events_.empty() || position.next() < events_.front()->sequence()) return;
  const auto begin = std::upper_bound(events_.begin(), events_.end(), position,
                                      [](Sequence read, const EventPtr& event) { return read < event->sequence(); });
  const auto count = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(max_events), events_.end() - begin);
  events.assign(begin, begin + count);
}

std::optional<Sequence> RecentEvents::first() const {
  if (events_.empty()) return std::nullopt;
  return events_.front()->sequence();
}

}  // namespace pbxbridge::spool
