#pragma once

#include "sink/kafka/kafka_settings.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace pbxbridge::sink {

/// Whether the broker at this address, HOST:PORT, answers a new client of these settings: it takes the account and says
/// what the cluster consists of. Blocks its thread up to `limit`, or until soon after `stopping` says so.
bool kafka_broker_answers(const KafkaSettings& settings, const std::string& broker, std::chrono::milliseconds limit,
                          const std::function<bool()>& stopping);

}  // namespace pbxbridge::sink
