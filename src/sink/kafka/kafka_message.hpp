#pragma once

// What of an event goes into a Kafka record, as the Kafka protocol binding for CloudEvents 1.0.2 says
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md): in binary mode the
// attributes stand in headers `ce_NAME` and datacontenttype in `content-type`; in structured mode `content-type` tells
// that the value holds all of them.

#include "pbxbridge/event.hpp"
#include "pbxbridge/sink.hpp"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

struct DestroyKafkaHeaders {
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using KafkaHeaders = std::unique_ptr<rd_kafka_headers_t, DestroyKafkaHeaders>;

/// Of one record. Refers to the event.
class KafkaMessage {
 public:
  KafkaMessage(const Event& event, Format format, bool redelivered = false);

  std::string_view value() const { return structured_.empty() ? event_.payload() : structured_; }
  /// Null where the format has none.
  KafkaHeaders& headers() { return headers_; }
  /// Milliseconds since 1970: when the event was received.
  std::int64_t timestamp_ms() const;

 private:
  const Event& event_;
  std::string structured_;
  KafkaHeaders headers_;
};

}  // namespace pbxbridge::sink
