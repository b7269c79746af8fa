#include "sink/file/file_sink.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "sink/mqtt/mqtt_sink.hpp"
#include "sink/sink_type.hpp"
#include "sink/stdout/stdout_sink.hpp"

#include <algorithm>

namespace pbxbridge::sink {

std::span<const SinkType> sink_types() {
  static const SinkType types[] = {
      kafka_sink_type,
      mqtt_sink_type,
      file_sink_type,
      stdout_sink_type,
  };
  return types;
}

const SinkType* find_sink_type(std::string_view name) {
  const auto types = sink_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const SinkType& type) { return type.name == name; });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace pbxbridge::sink
