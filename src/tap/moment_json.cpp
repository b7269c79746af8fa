#include "tap/moment_json.hpp"

#include "deliver/delivery_words.hpp"
#include "observe/log_format.hpp"
#include "text/log_text.hpp"
#include "text/mask.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace pbxbridge::tap {

namespace {

using nlohmann::ordered_json;

/// A longer payload is not shown; its size is.
constexpr std::size_t longest_payload = 16 * 1024;

/// Masked lines treat every text of a peer with the care that a log line takes.
std::string shown_text(std::string_view text, Shown shown) {
  return shown == Shown::clear ? std::string(text) : text::log_text(text);
}

ordered_json moment(std::string_view name, SystemTime at) {
  return {{"moment", name}, {"at", observe::format_time(at)}};
}

void add_event(const Event& event, Shown shown, ordered_json& json) {
  json["event_id"] = event.id();
  json["pbx"] = event.pbx();
  json["family"] = to_string(event.family());
  json["event_type"] = shown_text(event.event_type(), shown);
  if (!event.tenant().empty()) json["tenant"] = shown_text(event.tenant(), shown);
  if (!event.entity().empty()) {
    json["entity_kind"] = to_string(event.entity_kind());
    json["entity"] = shown == Shown::clear ? std::string(event.entity()) : text::masked(event.entity());
  }
  json["bytes"] = event.payload().size();
  if (shown == Shown::clear && event.payload().size() <= longest_payload) json["payload"] = event.payload();
}

void add_way(const std::string& sink, const Delivery& delivery, Shown shown, ordered_json& json) {
  json["sink"] = sink;
  if (shown == Shown::clear) {
    if (!delivery.topic.empty()) json["topic"] = delivery.topic;
    if (!delivery.key.empty()) json["key"] = delivery.key;
  } else if (const std::string topic = deliver::topic_for_log(delivery); !topic.empty()) {
    json["topic"] = text::log_text(topic);
  }
}

std::string line_of(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string accepted_line(const Event& event, const std::vector<const Destination*>& destinations, Shown shown) {
  ordered_json json = moment("accepted", event.received_at());
  add_event(event, shown, json);
  ordered_json& ways = json["destinations"] = ordered_json::array();
  for (const Destination* destination : destinations) {
    ordered_json way = {{"route", destination->route}};
    add_way(destination->sink, destination->delivery, shown, way);
    ways.push_back(std::move(way));
  }
  return line_of(json);
}

std::string ended_line(const std::string& sink, const Delivery& delivery, deliver::Ending ending,
                       const std::string& reason, SystemTime now, Shown shown) {
  ordered_json json = moment(to_string(ending), now);
  add_event(*delivery.event, shown, json);
  add_way(sink, delivery, shown, json);
  json["seconds"] = std::chrono::duration<double>(now - delivery.event->received_at()).count();
  if (!reason.empty()) json["reason"] = reason;
  return line_of(json);
}

std::string left_out_line(const LeftOut& left_out, SystemTime now) {
  ordered_json json = moment("left_out", now);
  json["over_rate"] = left_out.over_rate;
  json["not_looked_at"] = left_out.not_looked_at;
  json["reader_too_slow"] = left_out.reader_too_slow;
  return line_of(json);
}

std::string listening_line(const std::vector<std::string>& warnings, SystemTime now) {
  ordered_json json = moment("listening", now);
  json["warnings"] = warnings;
  return line_of(json);
}

}  // namespace pbxbridge::tap
