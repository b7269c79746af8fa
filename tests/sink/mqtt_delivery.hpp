#pragma once

#include "pbxbridge/sink.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::test {

inline EventPtr make_event(std::string_view payload, std::string_view entity = "8001") {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "queue_status";
  attributes.entity = entity;
  attributes.entity_kind = EntityKind::queue;
  attributes.family = Family::queue;
  attributes.payload_kind = PayloadKind::json_object;
  attributes.received_at = SystemTime(std::chrono::seconds(1'750'000'000));
  auto event = Event::make(payload, attributes);
  event->accept(Sequence{1}, *SpoolId::from_text("0123456789abcdef"));
  return event;
}

inline Delivery make_delivery(std::uint64_t token, std::string topic, std::string_view payload,
                              DeliveryOptions options = {}) {
  Delivery delivery;
  delivery.token = token;
  delivery.topic = std::move(topic);
  delivery.event = make_event(payload);
  delivery.options = std::make_shared<const DeliveryOptions>(std::move(options));
  return delivery;
}

}  // namespace pbxbridge::test
