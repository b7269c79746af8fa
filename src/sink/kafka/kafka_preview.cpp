#include "sink/kafka/kafka_preview.hpp"

#include "pbxbridge/format.hpp"
#include "sink/kafka/kafka_message.hpp"
#include "sink/kafka/kafka_settings.hpp"

namespace pbxbridge::sink {

ComposedMessage compose_record(const KafkaSettings& settings, const Delivery& delivery) {
  KafkaMessage record{AttributeSelection(settings.attributes)};
  record.compose(*delivery.event, options_of<FormatOptions>(delivery).format.value_or(settings.format),
                 delivery.redelivery);
  ComposedMessage message{.payload = std::string(record.value())};
  message.properties.emplace_back("timestamp", std::int64_t{record.timestamp().count()});
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (record.headers() == nullptr) return message;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(record.headers().get(), i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    message.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  return message;
}

}  // namespace pbxbridge::sink
