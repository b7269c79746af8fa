#include "derive/bridge_event.hpp"

#include "event/content_hash.hpp"
#include "pbxbridge/event.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace pbxbridge::derive {

NewEventPtr bridge_event(std::string_view event_type, std::string_view pbx, std::uint32_t connection_epoch,
                         SystemTime at, const nlohmann::ordered_json& document) {
  nlohmann::ordered_json fields = {{"event_type", event_type}};
  if (!pbx.empty()) fields["pbx"] = pbx;
  fields.update(document);
  const std::string payload = fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string buffer;
  return Event::make(payload, {.pbx = pbx,
                               .event_type = event_type,
                               .tenant = {},
                               .entity = pbx,
                               .entity_kind = pbx.empty() ? EntityKind::none : EntityKind::pbx,
                               .family = Family::bridge,
                               .payload_kind = PayloadKind::json_object,
                               .event_time = std::chrono::floor<std::chrono::seconds>(at),
                               .received_at = at,
                               .connection_epoch = connection_epoch,
                               .content_hash = event::content_hash(pbx, payload, buffer)});
}

}  // namespace pbxbridge::derive
