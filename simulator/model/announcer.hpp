#pragma once

#include "simulator/model/event.hpp"
#include "simulator/model/topic.hpp"
#include "simulator/model/world.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::sim {

/// Collects what the PBX pushes, in the order in which it happens.
class Announcer {
 public:
  explicit Announcer(Dialect dialect) : dialect_(dialect) {}

  Dialect dialect() const { return dialect_; }

  /// Does nothing where this version has no such event; `text` is called only where it has.
  template <class Text>
  void announce(std::string_view event_type, const Tenant& tenant, std::vector<std::string> extensions,
                std::vector<std::string> queues, Text text) {
    const auto family = family_of(event_type, dialect_);
    if (family == Family::unknown) return;
    events_.push_back({{std::string(event_type), family, tenant.id, std::move(extensions), std::move(queues)}, text()});
  }

  template <class Text>
  void announce(std::string_view event_type, const Extension& extension, Text text) {
    announce(event_type, *extension.tenant, {extension.number}, {}, std::move(text));
  }

  template <class Text>
  void announce(std::string_view event_type, const Queue& queue, Text text) {
    announce(event_type, *queue.tenant, {}, {queue.number()}, std::move(text));
  }

  bool empty() const { return events_.empty(); }

  /// The earliest that was not taken yet; there must be one.
  Event take() {
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  Dialect dialect_;
  std::deque<Event> events_;
};

}  // namespace pbxbridge::sim
