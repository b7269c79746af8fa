#include "pbxbridge/cloudevents.hpp"

#include "pbxbridge/event.hpp"
#include "sink/json_text.hpp"
#include "sink/rfc3339.hpp"
#include "text/exchangeable.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cassert>
#include <iterator>

namespace pbxbridge {

namespace {

using sink::append_base64;
using sink::append_json_on_one_line;
using sink::append_json_string;
using sink::append_rfc3339;
using sink::is_rfc3339_time;
using sink::is_utf8;

constexpr std::string_view pbx_type_prefix = "com.portsip.pbx.";
constexpr std::string_view own_type_prefix = "pbxbridge.";
constexpr std::size_t longest_written_values = 192;

void append_time(std::string& out, const Event& event) {
  const auto time = event.event_time();
  if (time && is_rfc3339_time(*time))
    append_rfc3339(out, *time);
  else
    append_rfc3339(out, event.received_at());
}

bool is_json(const Event& event) { return event.payload_kind() != PayloadKind::not_json; }

}  // namespace

// A spool may hold events of a version whose classifier let more pass, so their texts are looked at again. The name of
// a PBX is valid in a URI.
void CloudEventAttributes::compose(const Event& event, bool redelivered) {
  size_ = 0;
  written_.clear();
  written_.reserve(longest_written_values);  // views into it stay valid
  source_.assign("/pbx/").append(event.pbx());
  type_.assign(is_own(event.family()) ? own_type_prefix : pbx_type_prefix)
      .append(event.event_type().empty() ? "unknown" : text::exchangeable(event.event_type(), subject_));
  add("specversion", "1.0");
  add_written("id", [&] { event.append_id(written_); });
  add("source", source_);
  add("type", type_);
  add_optional(event);
  if (event.is_snapshot()) add("snapshot", "true");
  if (redelivered) add("redelivered", "true");
}

void CloudEventAttributes::add_optional(const Event& event) {
  using enum AttributeChoice;
  if (selection_.has(subject)) add("subject", text::exchangeable(event.entity(), subject_));
  if (selection_.has(time)) add_written("time", [&] { append_time(written_, event); });
  if (selection_.has(pbx)) add("pbx", event.pbx());
  if (selection_.has(family)) add("family", to_string(event.family()));
  if (selection_.has(tenant)) add("tenant", text::exchangeable(event.tenant(), tenant_));
  if (selection_.has(entitykind) && event.entity_kind() != EntityKind::none)
    add("entitykind", to_string(event.entity_kind()));
  if (selection_.has(receivedtime)) add_written("receivedtime", [&] { append_rfc3339(written_, event.received_at()); });
  if (selection_.has(sequence))
    add_written("sequence",
                [&] { fmt::format_to(std::back_inserter(written_), FMT_COMPILE("{:016x}"), event.sequence().value); });
  if (selection_.has(epoch))
    add_written("epoch", [&] { written_ += fmt::format_int(event.connection_epoch()).c_str(); });
  if (selection_.has(contenthash)) add_written("contenthash", [&] { event.append_content_hash_hex(written_); });
}

void CloudEventAttributes::add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  assert(size_ < attributes_.size());
  attributes_[size_++] = {name, value};
}

template <class Append>
void CloudEventAttributes::add_written(std::string_view name, Append append) {
  const std::size_t begin = written_.size();
  append();
  assert(written_.size() <= longest_written_values);
  add(name, std::string_view(written_).substr(begin));
}

std::string_view payload_content_type(const Event& event) {
  if (is_json(event)) return "application/json";
  return is_utf8(event.payload()) ? "text/plain; charset=utf-8" : "application/octet-stream";
}

std::string cloudevents_structured(const Event& event, bool redelivered) {
  CloudEventAttributes attributes{AttributeSelection(AttributeChoice::full)};
  attributes.compose(event, redelivered);
  return cloudevents_structured(event, attributes);
}

std::string cloudevents_structured(const Event& event, const CloudEventAttributes& attributes) {
  const auto payload = event.payload();
  std::string out;
  out.reserve(payload.size() + 640);
  out += '{';
  for (const auto& [name, value] : attributes) {
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

}  // namespace pbxbridge
