#pragma once

#include "pbxbridge/error.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// A topic that was asked for and is not there now.
struct TopicNotCreated {
  std::string topic;
  std::string reason;
};

/// Creates the topics that do not exist and returns those that the cluster rejected, or an error where trying again can
/// help. Blocks up to `timeout`, or until soon after `stopping` says so, which is an error, too.
Result<std::vector<TopicNotCreated>> create_kafka_topics(rd_kafka_t* client, const KafkaSettings& settings,
                                                         std::chrono::milliseconds timeout,
                                                         const std::function<bool()>& stopping);

}  // namespace pbxbridge::sink
