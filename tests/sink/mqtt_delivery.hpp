#pragma once

#include "pbxbridge/sink.hpp"
#include "sink/mqtt/mqtt_options.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::test {

inline constexpr std::string_view small_payload = R"({"event_type":"queue_status"})";

inline EventPtr make_event(std::string_view payload, std::string_view entity = "8001", bool is_removal = false) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "queue_status";
  attributes.entity = entity;
  attributes.entity_kind = EntityKind::queue;
  attributes.family = Family::queue;
  attributes.payload_kind = PayloadKind::json_object;
  attributes.received_at = SystemTime(std::chrono::seconds(1'750'000'000));
  attributes.is_removal = is_removal;
  auto event = Event::make(payload, attributes);
  event->accept(Sequence{1}, *SpoolId::from_text("0123456789abcdef"));
  return event;
}

/// Options of a destination, to be named one by one.
struct MqttWishes {
  std::optional<Format> format = {};
  std::optional<int> qos = {};
  std::optional<bool> retain = {};
  std::optional<std::chrono::seconds> message_expiry = {};
  std::optional<std::string> content_type = {};
};

inline std::shared_ptr<const DestinationOptions> mqtt_options(const MqttWishes& wishes) {
  auto options = std::make_shared<sink::MqttOptions>();
  options->format = wishes.format;
  options->qos = wishes.qos;
  options->retain = wishes.retain;
  options->message_expiry = wishes.message_expiry;
  options->content_type = wishes.content_type;
  return options;
}

inline Delivery make_delivery(std::uint64_t token, std::string topic, std::string_view payload,
                              const MqttWishes& wishes = {}) {
  Delivery delivery;
  delivery.token = token;
  delivery.topic = std::move(topic);
  delivery.event = make_event(payload);
  delivery.options = mqtt_options(wishes);
  return delivery;
}

}  // namespace pbxbridge::test
