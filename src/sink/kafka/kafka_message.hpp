#pragma once

// Content of a Kafka record, as the Kafka protocol binding for CloudEvents 1.0.2 has it
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md): in binary mode the
// attributes stand in headers `ce_NAME` and datacontenttype in `content-type`; in structured mode `content-type` tells
// that the value holds all of them.

#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/format.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

struct DestroyKafkaHeaders {
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using KafkaHeaders = std::unique_ptr<rd_kafka_headers_t, DestroyKafkaHeaders>;

/// Header for the time of an event that its record cannot carry, in milliseconds since 1970.
inline constexpr std::string_view original_timestamp_header = "pbxbridge_original_timestamp";

/// One record. The same object serves all events of a sink, one after the other.
class KafkaMessage {
 public:
  explicit KafkaMessage(AttributeSelection selection) : attributes_(selection) {}

  /// Takes on the event, which has to live as long as what is asked of this object then.
  void compose(const Event& event, Format format, bool redelivered = false);

  /// Null `data()` stands for a null value, by which a compacted topic forgets the key.
  std::string_view value() const { return value_; }
  /// Null where the format has none.
  KafkaHeaders& headers() { return headers_; }
  /// Time since 1970: when the event was received, unless set to another time.
  std::chrono::milliseconds timestamp() const { return timestamp_; }
  /// Keeps the time of the event in a header.
  void set_timestamp(std::chrono::milliseconds timestamp);

 private:
  CloudEventAttributes attributes_;
  std::string_view value_;
  std::string structured_;
  KafkaHeaders headers_;
  std::chrono::milliseconds timestamp_;
};

}  // namespace pbxbridge::sink
