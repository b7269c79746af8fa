#pragma once

// The operator's own options of librdkafka, judged.

#include "pbxbridge/config/location.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <vector>

namespace pbxbridge::sink {

/// The options that a check makes a producer from: nothing that would connect, read files or run programs, for what
/// the settings name may be elsewhere than where the configuration is checked.
std::vector<KafkaOption> kafka_options_to_check(const KafkaSettings& settings);

/// Reports, each with its line, options that librdkafka does not know, values it does not take, and what would break
/// the sink's promise; then what it says of all of them together. Connects to nothing.
void check_kafka_options(const KafkaSettings& settings, config::Location options_location, config::Report& report);

}  // namespace pbxbridge::sink
