#pragma once

#include "pbxbridge/examination.hpp"
#include "sink/kafka/kafka_settings.hpp"

namespace pbxbridge::sink {

/// See SinkType::examine. Creates no topic and writes no record.
void examine_kafka(const KafkaSettings& settings, const SinkExamination& asked, Findings& findings);

}  // namespace pbxbridge::sink
