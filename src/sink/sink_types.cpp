// The one list of built-in sink types.

#include "pbxbridge/program.hpp"
#include "sink/amqp/amqp_sink.hpp"
#include "sink/file/file_sink.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "sink/mqtt/mqtt_sink.hpp"
#include "sink/stdout/stdout_sink.hpp"

namespace pbxbridge {

std::span<const SinkType> built_in_sink_types() {
  static const SinkType types[] = {
      sink::kafka_sink_type, sink::mqtt_sink_type, sink::amqp_sink_type, sink::file_sink_type, sink::stdout_sink_type,
  };
  return types;
}

}  // namespace pbxbridge
