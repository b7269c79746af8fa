#pragma once

// The sink's settings as librdkafka's options
// (https://github.com/confluentinc/librdkafka/blob/v2.0.2/CONFIGURATION.md).

#include "memory/free_with.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/error.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::sink {

struct KafkaCredentials {
  std::string sasl_password;
  std::string key_password;
};

/// Reads the secrets again.
Result<KafkaCredentials> read_kafka_credentials(const KafkaSettings& settings);

struct KafkaOption {
  std::string name;
  std::string value;
};

/// Options that this sink sets by itself and the operator's `options` override, for the reference: "acks all, ...".
std::string kafka_default_options_text();

/// Options in the order in which they are set: defaults, then the settings, then the operator's `options`, then what
/// nothing may override.
std::vector<KafkaOption> kafka_options(const KafkaSettings& settings, const KafkaCredentials& credentials);

/// Those of them that a check makes a producer from: nothing that would connect, read files or run programs, for what
/// the settings name may be elsewhere than where the configuration is checked.
std::vector<KafkaOption> kafka_options_to_check(const KafkaSettings& settings);

using KafkaConf = std::unique_ptr<rd_kafka_conf_t, memory::FreeWith<rd_kafka_conf_destroy>>;

/// librdkafka's own words in the error, or others where they would quote a secret.
Result<KafkaConf> kafka_conf(const std::vector<KafkaOption>& options);

using KafkaClient = std::unique_ptr<rd_kafka_t, memory::FreeWith<rd_kafka_destroy>>;

/// Makes a producer, which connects by itself. librdkafka's own words in the error.
Result<KafkaClient> make_kafka_client(KafkaConf conf);

/// Reports, each with its line, options that librdkafka does not know, values it does not take, and what would break
/// the sink's promise; then what it says of all of them together. Connects to nothing.
void check_kafka_options(const KafkaSettings& settings, config::Location options_location, config::Report& report);

}  // namespace pbxbridge::sink
