#include "tap/examined_event.hpp"

#include <utility>

namespace pbxbridge::tap {

const std::vector<Destination>& ExaminedEvent::destinations() {
  if (destinations_) return *destinations_;
  destinations_.emplace();
  std::vector<route::RouteTrace> traces = router_.trace(*event_, parsers_.routes);
  for (std::size_t route = 0; route < traces.size(); ++route)
    for (auto& [sink, routed] : traces[route].destinations) {
      Delivery delivery;
      delivery.event = event_;
      delivery.topic = std::move(routed.topic);
      delivery.key = std::move(routed.key);
      delivery.options = std::move(routed.options);
      destinations_->push_back({route + 1, std::move(sink), std::move(delivery)});
    }
  return *destinations_;
}

}  // namespace pbxbridge::tap
