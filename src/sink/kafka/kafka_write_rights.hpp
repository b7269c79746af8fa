#pragma once

#include "pbxbridge/error.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// Answer of a topic's broker.
struct WriteRight {
  std::optional<std::string> why_not;  ///< nothing: the account has the right
  bool record_was_taken = false;       ///< the broker is no Kafka in this, and has kept the record
};

/// Asks whether the account may write to these topics, which exist, and writes nothing: it sends each a record with
/// `acks=2`, which Kafka rejects since 0.9 whoever sends it, but only after it has looked at the account's rights
/// (KafkaApis.handleProduceRequest, then ReplicaManager). By topic. Blocks its thread for `limit` and some seconds at
/// the most.
Result<std::map<std::string, WriteRight>> write_rights(const KafkaSettings& settings,
                                                       const std::vector<std::string>& topics,
                                                       std::chrono::milliseconds limit);

}  // namespace pbxbridge::sink
