#include "derive/home_assistant/device_event.hpp"

#include "event/content_hash.hpp"
#include "pbxbridge/event.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace pbxbridge::derive::home_assistant {

namespace {

constexpr std::string_view event_type = "bridge_home_assistant";
// The tables of the state have other letters.
constexpr char stored_letter = 'h';
constexpr char separator = '\0';

NewEventPtr event_about(const std::string& id, std::string_view pbx, std::string_view payload, SystemTime at,
                        bool is_removal) {
  std::string buffer;
  return Event::make(payload, {.pbx = pbx,
                               .event_type = event_type,
                               .tenant = {},
                               .entity = id,
                               .family = Family::bridge,
                               .payload_kind = PayloadKind::json_object,
                               .event_time = std::chrono::floor<std::chrono::seconds>(at),
                               .received_at = at,
                               .content_hash = event::content_hash(pbx, payload, buffer),
                               .is_removal = is_removal});
}

}  // namespace

std::string DeviceName::stored_key() const { return stored_letter + sink + separator + prefix + separator + id; }

std::optional<DeviceName> DeviceName::of_stored_key(std::string_view key) {
  if (!key.starts_with(stored_letter) || std::ranges::count(key, separator) != 2) return std::nullopt;
  key.remove_prefix(1);
  const auto first = key.find(separator);
  const auto second = key.rfind(separator);
  return DeviceName{.sink = std::string(key.substr(0, first)),
                    .prefix = std::string(key.substr(first + 1, second - first - 1)),
                    .id = std::string(key.substr(second + 1))};
}

NewEventPtr device_event(const std::string& id, std::string_view pbx, std::string_view payload, SystemTime at) {
  return event_about(id, pbx, payload, at, false);
}

NewEventPtr device_removal(const DeviceName& name, std::string_view pbx, SystemTime at) {
  const nlohmann::ordered_json document = {{"event_type", event_type}, {"pbx", pbx},        {"sink", name.sink},
                                           {"prefix", name.prefix},    {"device", name.id}, {"removed", true}};
  return event_about(name.id, pbx, document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), at,
                     true);
}

}  // namespace pbxbridge::derive::home_assistant
