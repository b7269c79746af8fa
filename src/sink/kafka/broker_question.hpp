#pragma once

#include "sink/kafka/kafka_settings.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// Asks with a new client of these settings, which knows only `brokers`, each HOST:PORT. Nothing as soon as one of them
/// has accepted the account and said what the cluster consists of, else why none has. Blocks its thread up to `limit`,
/// or until soon after `stopping` says so.
std::optional<std::string> why_no_broker_answers(const KafkaSettings& settings, const std::vector<std::string>& brokers,
                                                 std::chrono::milliseconds limit,
                                                 const std::function<bool()>& stopping);

}  // namespace pbxbridge::sink
