#include "sink/event_line.hpp"

#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/event.hpp"
#include "sink/json_text.hpp"

namespace pbxbridge::sink {

namespace {

std::string raw_line(const Event& event) {
  const auto payload = event.payload();
  std::string line;
  line.reserve(payload.size() + 64);
  if (event.payload_kind() != PayloadKind::not_json) {
    append_json_on_one_line(line, payload);
  } else if (is_utf8(payload)) {
    append_json_string(line, payload);
  } else {
    line += "{\"data_base64\":\"";
    append_base64(line, payload);
    line += "\"}";
  }
  return line;
}

}  // namespace

std::string event_line(const Event& event, Format format, bool redelivered) {
  auto line = format == Format::raw ? raw_line(event) : cloudevents_structured(event, redelivered);
  line += '\n';
  return line;
}

}  // namespace pbxbridge::sink
