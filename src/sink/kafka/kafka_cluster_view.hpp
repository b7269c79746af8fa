#pragma once

#include "pbxbridge/error.hpp"
#include "sink/kafka/broker_probe.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// A topic as the cluster tells of it.
struct KafkaTopicFacts {
  std::size_t partitions = 0;
  std::size_t fewest_replicas = 0;  ///< of any of its partitions
  std::size_t fewest_in_sync = 0;
  bool lacks_leader = false;  ///< a partition has none
};

struct KafkaClusterView {
  std::vector<BrokerAddress> brokers;             ///< as advertised
  std::map<std::string, KafkaTopicFacts> topics;  ///< all that the account may see
};

/// Asks for all topics, which creates none. Blocks for `limit` at the most, as all of these functions do.
Result<KafkaClusterView> view_of_cluster(rd_kafka_t* client, std::chrono::milliseconds limit);

/// Settings of topics by their Kafka names, by topic; an error where the account may not see them.
std::map<std::string, Result<std::map<std::string, std::string>>> topic_settings(rd_kafka_t* client,
                                                                                 const std::vector<std::string>& topics,
                                                                                 std::chrono::milliseconds limit);

}  // namespace pbxbridge::sink
