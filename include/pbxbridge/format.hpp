#pragma once

#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/enum_names.hpp"
#include "pbxbridge/event.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace pbxbridge {

/// Form of an event in a message.
enum class Format : std::uint8_t {
  raw,                     ///< the payload bytes and nothing else
  cloudevents,             ///< payload bytes; CloudEvents 1.0 attributes alongside (binary mode)
  cloudevents_structured,  ///< one JSON object that holds attributes and payload (structured mode)
};

template <>
inline constexpr EnumName<Format> enum_names<Format>[] = {{Format::raw, "raw"},
                                                          {Format::cloudevents, "cloudevents"},
                                                          {Format::cloudevents_structured, "cloudevents_structured"}};

/// Payload of a message with this event. Of a removal none, and then its `data()` is null: what the event itself holds
/// only tells apart what is gone.
inline std::string_view message_payload(const Event& event) {
  return event.is_removal() ? std::string_view() : event.payload();
}

/// The format of a message with this event. Where there is no payload, nothing is put around it.
inline Format message_format(const Event& event, Format format) {
  return event.is_removal() && format == Format::cloudevents_structured ? Format::raw : format;
}

/// Destination options of a sink type that has formats, and no other options.
struct FormatOptions : DestinationOptions {
  std::optional<Format> format;  ///< instead of the sink's

  static const config::Schema<FormatOptions>& schema();
};

/// Text of the field `format` in destination options.
inline constexpr std::string_view destination_format_text =
    "Form of the message, instead of the sink's: the payload as it came, with CloudEvents attributes next to it, or "
    "inside a CloudEvents JSON object.";

}  // namespace pbxbridge
