#include "sink/kafka/kafka_error_text.hpp"

#include <syslog.h>

namespace pbxbridge::sink {

namespace {

ErrorCategory category_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__SSL:
      return ErrorCategory::tls;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return ErrorCategory::refused;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return ErrorCategory::configuration;
    default:
      return ErrorCategory::network;
  }
}

}  // namespace

std::string plain_kafka_text(std::string_view text) {
  if (const auto state = text.rfind(" (after "); state != std::string_view::npos && text.ends_with(')'))
    text = text.substr(0, state);
  const auto broker_end = text.find(": ");
  if (broker_end == std::string_view::npos) return std::string(text);
  std::string_view broker = text.substr(0, broker_end);
  const std::string_view rest = text.substr(broker_end);
  if (broker.find(' ') != std::string_view::npos) return std::string(text);
  if (const auto scheme = broker.find("://"); scheme != std::string_view::npos) broker.remove_prefix(scheme + 3);
  broker = broker.substr(0, broker.find('/'));
  return std::string(broker) + std::string(rest);
}

Error kafka_error(rd_kafka_resp_err_t code, std::string_view text) {
  return {category_of(code), plain_kafka_text(text)};
}

std::optional<std::string> notice_of_kafka_log(int level, std::string_view facility, std::string_view text) {
  if (facility == "PARTCNT")
    return std::string(text) + ": keys go to other partitions from now on; order per key holds within each partition";
  if (facility == "CONFWARN") return "options: " + std::string(text);
  // Failures of a connection come as errors, too, and are told from there.
  if (facility == "FAIL" || level > LOG_ERR) return {};
  return plain_kafka_text(text);
}

}  // namespace pbxbridge::sink
