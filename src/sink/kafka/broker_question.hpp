#pragma once

#include "pbxbridge/error.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// Makes the settings of a client that asks, and whose words nobody logs: it knows only `brokers`, each HOST:PORT, and
/// is not idempotent, which would ask for more rights.
Result<KafkaConf> asking_conf(const KafkaSettings& settings, const std::vector<std::string>& brokers);

/// Makes such a client, and gets its first token where it needs one. Blocks its thread for some seconds at the most, or
/// until soon after `stopping` says so.
Result<KafkaClient> make_asking_client(KafkaConf conf, const KafkaSettings& settings,
                                       const std::function<bool()>& stopping);

/// Asks with a new client of these settings, which knows only `brokers`, each HOST:PORT. Nothing as soon as one of them
/// has accepted the account and said what the cluster consists of, else why none has. Blocks its thread up to `limit`,
/// or until soon after `stopping` says so.
std::optional<std::string> why_no_broker_answers(const KafkaSettings& settings, const std::vector<std::string>& brokers,
                                                 std::chrono::milliseconds limit,
                                                 const std::function<bool()>& stopping);

}  // namespace pbxbridge::sink
