#pragma once

// CloudEvents 1.0 (https://github.com/cloudevents/spec, v1.0.2) of an event: the attributes beside the payload for the
// binary mode of each protocol, and the JSON format for the structured mode.

#include "pbxbridge/event.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

struct CloudEventAttribute {
  std::string_view name;  ///< without a protocol's prefix
  std::string value;      ///< UTF-8
};

/// The attributes that have a value, in a fixed order. Required ones first: specversion, id, source (`/pbx/NAME`), type
/// (`com.portsip.pbx.EVENT_TYPE`, or `com.portsip.pbx.unknown`); then subject (the entity), time (RFC 3339, from the
/// payload, else received), and the extensions pbx, family, tenant, entitykind, receivedtime, sequence, epoch,
/// contenthash, and redelivered (`true`) of a delivery that may have been made before. `datacontenttype` is not among
/// them: in binary mode it is the protocol's own content type.
class CloudEventAttributes {
 public:
  explicit CloudEventAttributes(const Event& event, bool redelivered = false);
  const CloudEventAttribute* begin() const { return attributes_.data(); }
  const CloudEventAttribute* end() const { return attributes_.data() + size_; }

 private:
  void add(std::string_view name, std::string value);
  std::array<CloudEventAttribute, 16> attributes_;
  std::size_t size_ = 0;
};

/// `application/json` for JSON, `text/plain; charset=utf-8` or `application/octet-stream` for what is none.
std::string_view payload_content_type(const Event& event);

inline constexpr std::string_view structured_content_type = "application/cloudevents+json; charset=utf-8";

/// One JSON object on one line. A JSON payload stands under `data` with its own bytes apart from line breaks between
/// tokens; other text as a string under `data`; what is no UTF-8 under `data_base64`.
std::string cloudevents_structured(const Event& event, bool redelivered = false);

}  // namespace pbxbridge::sink
