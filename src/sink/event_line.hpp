#pragma once

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/format.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// Text of the field `format` where each event is one line.
inline constexpr std::string_view line_format_text =
    "What a line holds. `cloudevents_structured`: a JSON object with the CloudEvents 1.0 attributes and, under `data`, "
    "the "
    "payload. `raw`: the payload and nothing else, without the line breaks between its tokens; a payload that is no "
    "JSON "
    "is written as a JSON string, and one that is not UTF-8 as `{\"data_base64\":\"...\"}`, so that each line is JSON. "
    "`cloudevents` is the same as `cloudevents_structured`: a line has no place next to it for attributes.";

/// One event as one line of NDJSON, with its line break. `redelivered`: see CloudEventAttributes.
std::string event_line(const Event& event, Format format, bool redelivered = false);

}  // namespace pbxbridge::sink
