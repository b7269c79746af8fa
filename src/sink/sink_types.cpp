#include "sink/sink_types.hpp"

#include "sink/file/file_sink.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "sink/mqtt/mqtt_sink.hpp"
#include "sink/stdout/stdout_sink.hpp"

#include <algorithm>

namespace pbxbridge::sink {

std::span<const config::SinkType> sink_types() {
  static const config::SinkType types[] = {
      kafka_sink_type,
      mqtt_sink_type,
      file_sink_type,
      stdout_sink_type,
  };
  return types;
}

const config::SinkType* find_sink_type(std::string_view name) {
  const auto types = sink_types();
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const config::SinkType& type) { return type.name == name; });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace pbxbridge::sink
