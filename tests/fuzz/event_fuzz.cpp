// Frames of a PBX as events: none is dropped or changed, and what is known of it fits headers, topics and keys.

#include "event/attribute_text.hpp"
#include "event/classifier.hpp"
#include "fuzz/check.hpp"
#include "fuzz/unicode.hpp"
#include "pbxbridge/event.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using pbxbridge::fuzz::check;
using namespace pbxbridge;

namespace {

/// simdjson's limit on nesting, far from which both parsers must agree.
constexpr std::ptrdiff_t certainly_parsed_depth = 1000;

void check_attribute(std::string_view text) {
  check(text.size() <= event::attribute_size_max, "an attribute is short");
  check(fuzz::all_code_points(
            text, [](std::uint32_t value) { return !fuzz::is_control(value) && !fuzz::is_noncharacter(value); }),
        "an attribute is text that no receiver may reject");
}

bool is_same(const Event& one, const Event& other) {
  return one.payload() == other.payload() && one.event_type() == other.event_type() && one.tenant() == other.tenant() &&
         one.entity() == other.entity() && one.entity_kind() == other.entity_kind() && one.family() == other.family() &&
         one.payload_kind() == other.payload_kind() && one.event_time() == other.event_time() &&
         one.content_hash() == other.content_hash();
}

void check_kind(std::string_view payload, const Event& event) {
  const auto is_bracket = [](char character) { return character == '[' || character == '{'; };
  if (std::count_if(payload.begin(), payload.end(), is_bracket) > certainly_parsed_depth) return;
  // The other parser takes a NUL for the end, and reads over a byte order mark.
  if (payload.find('\0') != std::string_view::npos || payload.starts_with("\xef\xbb\xbf")) return;
  const auto json = nlohmann::json::parse(payload, nullptr, false);
  if (json.is_discarded()) return;  // or a number beyond its range, or a lone surrogate
  check(event.payload_kind() == (json.is_object() ? PayloadKind::json_object : PayloadKind::json_other),
        "what another parser reads is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static event::Classifier classifier;  // as a session keeps it: one payload must leave no trace in the next
  const std::string_view payload = fuzz::text_of(data, size);
  const SystemTime now{std::chrono::seconds{1'764'000'000}};
  const auto event = classifier.classify(payload, "hq", now, 7).event;

  check(event != nullptr, "each frame is an event");
  check(event->payload() == payload && event->pbx() == "hq", "the bytes are as they came");
  check(event->received_at() == now && event->connection_epoch() == 7, "time and connection are as they were given");
  check(static_cast<std::size_t>(event->family()) < enum_count<Family>, "the family is one that exists");
  check(static_cast<std::size_t>(event->entity_kind()) < enum_count<EntityKind> &&
            event->payload_kind() <= PayloadKind::not_json,
        "the kinds are ones that exist");
  check(event->entity().empty() == (event->entity_kind() == EntityKind::none), "an entity has a kind");
  for (const auto text : {event->event_type(), event->tenant(), event->entity()}) check_attribute(text);
  check_kind(payload, *event);

  classifier.classify(R"({"event_type":"call_start","session_id":"1"})", "hq", now, 7);
  event::Classifier fresh;
  check(is_same(*event, *fresh.classify(payload, "hq", now, 7).event), "the same bytes are the same event");
  return 0;
}
