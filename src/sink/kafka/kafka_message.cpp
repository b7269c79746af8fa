#include "sink/kafka/kafka_message.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace pbxbridge::sink {

namespace {

constexpr std::size_t cloudevents_headers = 16;
constexpr std::size_t longest_header_name = 32;
constexpr std::string_view content_type = "content-type";

void add_header(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
  rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                      static_cast<ssize_t>(value.size()));
}

void add_attributes(rd_kafka_headers_t* headers, const CloudEventAttributes& attributes) {
  std::array<char, longest_header_name> name{'c', 'e', '_'};
  for (const auto& [attribute, value] : attributes) {
    const std::size_t size = std::min(attribute.size(), name.size() - 3);
    std::memcpy(name.data() + 3, attribute.data(), size);
    add_header(headers, {name.data(), 3 + size}, value);
  }
}

}  // namespace

void KafkaMessage::compose(const Event& event, Format format, bool redelivered) {
  timestamp_ = std::chrono::floor<std::chrono::milliseconds>(event.received_at()).time_since_epoch();
  value_ = message_payload(event);
  format = message_format(event, format);
  headers_.reset();
  if (format != Format::raw) attributes_.compose(event, redelivered);
  switch (format) {
    case Format::raw:
      break;
    case Format::cloudevents:
      headers_.reset(rd_kafka_headers_new(cloudevents_headers));
      add_attributes(headers_.get(), attributes_);
      if (!event.is_removal()) add_header(headers_.get(), content_type, payload_content_type(event));
      break;
    case Format::cloudevents_structured:
      headers_.reset(rd_kafka_headers_new(1));
      add_header(headers_.get(), content_type, structured_content_type);
      structured_ = cloudevents_structured(event, attributes_);
      value_ = structured_;
      break;
  }
}

void KafkaMessage::set_timestamp(std::chrono::milliseconds timestamp) {
  if (timestamp == timestamp_) return;
  if (headers_ == nullptr) headers_.reset(rd_kafka_headers_new(1));
  add_header(headers_.get(), original_timestamp_header, std::to_string(timestamp_.count()));
  timestamp_ = timestamp;
}

}  // namespace pbxbridge::sink
