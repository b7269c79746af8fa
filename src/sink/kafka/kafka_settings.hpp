#pragma once

#include "net/tls_config.hpp"
#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

enum class KafkaCompression : std::uint8_t { none, gzip, snappy, lz4, zstd };

/// Others go through `options`.
enum class SaslMechanism : std::uint8_t { plain, scram_sha_256, scram_sha_512, oauthbearer };

struct SaslSettings {
  SaslMechanism mechanism = SaslMechanism::scram_sha_512;
  std::string username;
  config::Secret password;
  // Fields of oauthbearer.
  std::string token_endpoint;  ///< URL
  std::string client_id;
  config::Secret client_secret;
  std::string scope;
  std::map<std::string, std::string> extensions;
  net::TlsConfig token_endpoint_tls;
  static const config::Schema<SaslSettings>& schema();
};

/// A topic that is created at connect where it does not exist. One that exists stays as it is.
struct NewTopicSettings {
  std::optional<std::uint16_t> partitions;          ///< not set: the broker's num.partitions
  std::optional<std::uint16_t> replication_factor;  ///< not set: the broker's default.replication.factor
  std::map<std::string, std::string> options;       ///< Kafka's topic settings
  static const config::Schema<NewTopicSettings>& schema();
};

struct KafkaSettings final : SinkSettings {
  std::vector<std::string> brokers;
  Format format = Format::cloudevents;
  std::vector<AttributeChoice> attributes = {AttributeChoice::minimal};
  KafkaCompression compression = KafkaCompression::none;
  std::string client_id = "pbxbridge";
  std::optional<SaslSettings> sasl;
  std::optional<net::TlsConfig> tls;
  std::map<std::string, config::Located<NewTopicSettings>> create_topics;
  config::Duration connect_timeout{10'000};
  config::ByteSize queue_size{64 * 1024 * 1024};
  std::map<std::string, config::Located<std::string>> options;
  /// Time for which a producer may answer for none of the events it holds before it is made again. No field: tests
  /// shorten it.
  config::Duration longest_silence{60'000};

  static const config::Schema<KafkaSettings>& schema();
};

}  // namespace pbxbridge::sink

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::sink::KafkaCompression>
    pbxbridge::enum_names<pbxbridge::sink::KafkaCompression>[] = {{sink::KafkaCompression::none, "none"},
                                                                  {sink::KafkaCompression::gzip, "gzip"},
                                                                  {sink::KafkaCompression::snappy, "snappy"},
                                                                  {sink::KafkaCompression::lz4, "lz4"},
                                                                  {sink::KafkaCompression::zstd, "zstd"}};
template <>
inline constexpr pbxbridge::EnumName<pbxbridge::sink::SaslMechanism>
    pbxbridge::enum_names<pbxbridge::sink::SaslMechanism>[] = {{sink::SaslMechanism::plain, "PLAIN"},
                                                               {sink::SaslMechanism::scram_sha_256, "SCRAM-SHA-256"},
                                                               {sink::SaslMechanism::scram_sha_512, "SCRAM-SHA-512"},
                                                               {sink::SaslMechanism::oauthbearer, "OAUTHBEARER"}};
