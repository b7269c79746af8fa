#pragma once

#include "event/json_document.hpp"
#include "pbxbridge/delivery.hpp"
#include "route/event_fields.hpp"
#include "route/router.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::tap {

/// One way of an event to a sink, by the routes in force.
struct Destination {
  std::size_t route = 0;  ///< from 1
  std::string sink;
  Delivery delivery;
};

/// Parsers of one thread.
struct Parsers {
  event::JsonDocument document;
  route::Router::Scratch routes;
};

/// An event with its fields and destinations, worked out when someone asks, once for all who do.
class ExaminedEvent {
 public:
  /// All of them outlive this object.
  ExaminedEvent(const EventPtr& event, const route::Router& router, Parsers& parsers)
      : event_(event), router_(router), parsers_(parsers), fields_(*event, parsers.document) {}

  const Event& event() const { return *event_; }
  route::EventFields& fields() { return fields_; }
  const std::vector<Destination>& destinations();

 private:
  const EventPtr& event_;
  const route::Router& router_;
  Parsers& parsers_;
  route::EventFields fields_;
  std::optional<std::vector<Destination>> destinations_;
};

}  // namespace pbxbridge::tap
