#include "sink/cloudevents.hpp"

#include "sink/json_text.hpp"
#include "sink/rfc3339.hpp"
#include "text/exchangeable.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cassert>
#include <utility>

namespace pbxbridge::sink {

namespace {

/// A spool may hold events of a version whose classifier let more pass.
std::string value_of(std::string_view text) {
  std::string buffer;
  const auto value = text::exchangeable(text, buffer);
  return value.data() == buffer.data() ? buffer : std::string(value);
}

std::string type_of(const Event& event) {
  static constexpr std::string_view prefix = "com.portsip.pbx.";
  const auto name = event.event_type().empty() ? "unknown" : event.event_type();
  return std::string(prefix).append(value_of(name));
}

std::string time_of(const Event& event) {
  const auto time = event.event_time();
  return time && is_rfc3339_time(*time) ? rfc3339(*time) : rfc3339(event.received_at());
}

bool is_json(const Event& event) { return event.payload_kind() != PayloadKind::not_json; }

}  // namespace

// The name of a PBX is valid in a URI.
CloudEventAttributes::CloudEventAttributes(const Event& event, bool redelivered) {
  add("specversion", "1.0");
  add("id", event.id());
  add("source", std::string("/pbx/").append(event.pbx()));
  add("type", type_of(event));
  add("subject", value_of(event.entity()));
  add("time", time_of(event));
  add("pbx", std::string(event.pbx()));
  add("family", std::string(to_string(event.family())));
  add("tenant", value_of(event.tenant()));
  if (event.entity_kind() != EntityKind::none) add("entitykind", std::string(to_string(event.entity_kind())));
  add("receivedtime", rfc3339(event.received_at()));
  add("sequence", fmt::format(FMT_COMPILE("{:016x}"), event.sequence().value));
  add("epoch", fmt::format_int(event.connection_epoch()).str());
  add("contenthash", event.content_hash_hex());
  if (redelivered) add("redelivered", "true");
}

void CloudEventAttributes::add(std::string_view name, std::string value) {
  if (value.empty()) return;
  assert(size_ < attributes_.size());
  attributes_[size_++] = {name, std::move(value)};
}

std::string_view payload_content_type(const Event& event) {
  if (is_json(event)) return "application/json";
  return is_utf8(event.payload()) ? "text/plain; charset=utf-8" : "application/octet-stream";
}

std::string cloudevents_structured(const Event& event, bool redelivered) {
  const auto payload = event.payload();
  std::string out;
  out.reserve(payload.size() + 640);
  out += '{';
  for (const auto& [name, value] : CloudEventAttributes(event, redelivered)) {
    out += '"';
    out += name;
    out += "\":";
    append_json_string(out, value);
    out += ',';
  }
  const auto content_type = payload_content_type(event);
  out += "\"datacontenttype\":";
  append_json_string(out, content_type);
  if (is_json(event)) {
    out += ",\"data\":";
    append_json_on_one_line(out, payload);
  } else if (content_type == "application/octet-stream") {
    out += ",\"data_base64\":\"";
    append_base64(out, payload);
    out += '"';
  } else {
    out += ",\"data\":";
    append_json_string(out, payload);
  }
  out += '}';
  return out;
}

}  // namespace pbxbridge::sink
