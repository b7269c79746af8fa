#pragma once

#include "net/tls_config.hpp"
#include "pbxbridge/error.hpp"

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// HOST:PORT of a broker that librdkafka calls `ssl://kafka:9092/1`.
std::string plain_broker_name(std::string_view name);

/// librdkafka's text about a broker without what only its developers need: `ssl://kafka:9092/bootstrap: Disconnected
/// (after 3ms in state UP)` becomes `kafka:9092: Disconnected`.
std::string plain_kafka_text(std::string_view text);

/// Explains an error that librdkafka reports for a broker or the whole client.
Error kafka_error(rd_kafka_resp_err_t code, std::string_view text);

/// Says why no client could be made. Where a file of `tls` is to blame, librdkafka says neither which nor why.
Error kafka_client_error(std::string_view text, const net::TlsConfig& tls);

/// For an operator: a sentence of ours, and librdkafka's words, which may name a topic that was made of an event.
struct KafkaNotice {
  std::string text;
  std::string peer_words;
};

/// Picks what an operator should know of a line of librdkafka's own log; nothing for most. `level` is syslog's.
std::optional<KafkaNotice> notice_of_kafka_log(int level, std::string_view facility, std::string_view text);

}  // namespace pbxbridge::sink
