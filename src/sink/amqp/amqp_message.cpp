#include "sink/amqp/amqp_message.hpp"

#include "pbxbridge/event.hpp"

#include <fmt/format.h>

namespace pbxbridge::sink {

void AmqpMessage::compose(const Event& event, Format format, bool redelivery) {
  id_.clear();
  event.append_id(id_);
  headers_.clear();
  payload_ = message_payload(event);
  content_type_ = event.is_removal() ? std::string_view() : payload_content_type(event);
  format = message_format(event, format);
  if (format == Format::raw) return;
  attributes_.compose(event, redelivery);
  if (format == Format::cloudevents_structured) {
    structured_ = cloudevents_structured(event, attributes_);
    payload_ = structured_;
    content_type_ = structured_content_type;
    return;
  }
  for (const auto& [name, value] : attributes_) headers_.emplace_back("cloudEvents_" + std::string(name), value);
}

std::optional<std::string> AmqpMessage::problem(std::optional<config::ByteSize> largest_payload,
                                                std::size_t frame_bytes) const {
  if (largest_payload && payload_.size() > largest_payload->bytes)
    return fmt::format("its payload has {} bytes, and message_size is {}", payload_.size(), largest_payload->bytes);
  if (header_frame_bytes() > frame_bytes)
    return fmt::format("its headers have {} bytes, and the broker takes a frame of {}", header_frame_bytes(),
                       frame_bytes);
  return std::nullopt;
}

/// AMQP 0-9-1, 2.3.5.2.
std::size_t AmqpMessage::header_frame_bytes() const {
  // Frame header and end: 8. Class, weight, body size, flags: 14. The table's size: 4. Delivery mode: 1.
  std::size_t bytes = 8 + 14 + 4 + 1;
  bytes += 1 + content_type_.size() + 1 + id_.size();
  for (const auto& [name, value] : headers_) bytes += 1 + name.size() + 1 + 4 + value.size();
  return bytes;
}

}  // namespace pbxbridge::sink
