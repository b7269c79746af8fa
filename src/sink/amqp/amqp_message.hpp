#pragma once

// Content of an AMQP 0-9-1 message. CloudEvents has a binding for AMQP 1.0 alone
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md); its names are used
// here, as RabbitMQ makes the headers of 0-9-1 the application properties of 1.0: `cloudEvents_NAME` in binary mode,
// datacontenttype as the content type.

#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/format.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::sink {

/// One message on its way to the broker.
struct AmqpPublish {
  std::uint64_t token = 0;
  EventPtr event;
  std::string exchange;
  std::string routing_key;
  Format format = Format::raw;
  bool redelivery = false;
};

/// Its content. The same object serves all messages of a connection, one after the other.
class AmqpMessage {
 public:
  explicit AmqpMessage(AttributeSelection selection) : attributes_(selection) {}

  /// Takes on the event, which has to live as long as what is asked of this object then.
  void compose(const Event& event, Format format, bool redelivery);

  std::string_view payload() const { return payload_; }
  std::string_view content_type() const { return content_type_; }
  /// The event's id: property `message-id`.
  std::string_view id() const { return id_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }
  /// Returns why the broker would not take it: a payload beyond `largest_payload`, or headers beyond a frame of
  /// `frame_bytes`, which are never split.
  std::optional<std::string> problem(std::optional<config::ByteSize> largest_payload, std::size_t frame_bytes) const;

 private:
  std::size_t header_frame_bytes() const;

  CloudEventAttributes attributes_;
  std::string_view payload_;
  std::string_view content_type_;
  std::string id_;
  std::string structured_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace pbxbridge::sink
