#pragma once

#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/enum_names.hpp"

#include <cstdint>
#include <optional>

namespace pbxbridge {

/// How an event is put into a message.
enum class Format : std::uint8_t {
  raw,                     ///< the payload bytes and nothing else
  cloudevents,             ///< payload bytes; CloudEvents 1.0 attributes alongside (binary mode)
  cloudevents_structured,  ///< one JSON object that holds attributes and payload (structured mode)
};

template <>
inline constexpr EnumName<Format> enum_names<Format>[] = {{Format::raw, "raw"},
                                                          {Format::cloudevents, "cloudevents"},
                                                          {Format::cloudevents_structured, "cloudevents_structured"}};

/// Destination options of a sink type that has formats, and no other options.
struct FormatOptions : DestinationOptions {
  std::optional<Format> format;  ///< instead of the sink's

  static const config::Schema<FormatOptions>& schema();
};

/// For the text of the field `format` in destination options.
inline constexpr std::string_view destination_format_text =
    "Form of the message, instead of the sink's: the payload as it came, with CloudEvents attributes next to it, or "
    "inside a CloudEvents JSON object.";

}  // namespace pbxbridge
