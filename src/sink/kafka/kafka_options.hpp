#pragma once

// The sink's settings as librdkafka's options
// (https://github.com/confluentinc/librdkafka/blob/v2.0.2/CONFIGURATION.md).

#include "memory/free_with.hpp"
#include "pbxbridge/error.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
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

/// Returns whether its value must not be repeated.
bool is_secret_option(std::string_view name);

/// Name of the operator's option for the mechanism of SASL; empty: there is none.
std::string sasl_mechanism_option(const KafkaSettings& settings);

/// The protocol to the brokers, in lower case, such as `sasl_ssl`; the operator's option, where there is one.
std::string security_protocol(const KafkaSettings& settings);

using KafkaConf = std::unique_ptr<rd_kafka_conf_t, memory::FreeWith<rd_kafka_conf_destroy>>;

/// The value as librdkafka tells it; empty where it is longer than any that is asked for here.
std::string value_of(const rd_kafka_conf_t* conf, const char* option);

/// librdkafka's own words in the error, or others where they would quote a secret.
Result<KafkaConf> kafka_conf(const std::vector<KafkaOption>& options);

using KafkaClient = std::unique_ptr<rd_kafka_t, memory::FreeWith<rd_kafka_destroy>>;

/// Makes a producer, which connects by itself. librdkafka's own words in the error.
Result<KafkaClient> make_kafka_client(KafkaConf conf);

}  // namespace pbxbridge::sink
