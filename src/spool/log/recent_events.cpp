#include "spool/log/recent_events.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pbxbridge::spool {

namespace {

/// The commit thread has had the events in its cache since. They are asked for so many events ahead.
constexpr std::size_t prefetch_distance = 8;

}  // namespace

void RecentEvents::add(std::vector<EventPtr> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i + prefetch_distance < events.size()) __builtin_prefetch(events[i + prefetch_distance].get(), 1);
    bytes_ += events[i]->size_bytes();
    events_.push_back(std::move(events[i]));
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
    if (prefetch_distance < events_.size()) __builtin_prefetch(events_[prefetch_distance].get(), 1);
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
