#pragma once

#include "sink/kafka/broker_probe.hpp"

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sink {

/// Reason why records of a topic cannot be written, as far as the cluster tells.
struct TopicTrouble {
  std::string text;
  std::string topic;  ///< as the broker names it, with the partition; empty: all
  bool operator==(const TopicTrouble&) const = default;
};

/// A cluster as one of its brokers has told of it.
struct ReachedCluster {
  std::string detail;                   ///< "kafka:9092, 3 brokers, cluster ID"
  std::vector<BrokerAddress> brokers;   ///< as advertised
  bool by_one_of_them = false;          ///< it was one of `brokers` that told, at the address that it names
  std::optional<TopicTrouble> trouble;  ///< the first of the topics that were asked for
};

/// `id`: of the cluster, as it says; shown only where it looks like one. Empty: not known.
ReachedCluster reached_cluster(const rd_kafka_metadata_t& metadata, std::string_view id);

}  // namespace pbxbridge::sink
