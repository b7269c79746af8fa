#include "sink/kafka/kafka_error_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <syslog.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::sink {

namespace {

ErrorCategory category_of(rd_kafka_resp_err_t code, std::string_view text) {
  // If the other end's answer is there already when librdkafka begins the handshake, it takes what OpenSSL finds
  // wrong with it for the transport's trouble.
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT && text.find(":SSL routines:") != std::string_view::npos &&
      text.find(" in state SSL_HANDSHAKE") != std::string_view::npos)
    return ErrorCategory::tls;
  switch (code) {
    case RD_KAFKA_RESP_ERR__SSL:
      return ErrorCategory::tls;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return ErrorCategory::rejected;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return ErrorCategory::configuration;
    default:
      return ErrorCategory::network;
  }
}

struct TlsFile {
  std::string_view option;  // name in librdkafka
  std::string_view setting;
  std::filesystem::path net::TlsConfig::*path;
  std::string_view content;
};
constexpr TlsFile tls_files[] = {
    {"ssl.ca.location", "tls.ca_file", &net::TlsConfig::ca_file, "it holds no certificate in PEM"},
    {"ssl.certificate.location", "tls.cert_file", &net::TlsConfig::cert_file, "it holds no certificate in PEM"},
    {"ssl.key.location", "tls.key_file", &net::TlsConfig::key_file,
     "it holds no private key in PEM, or tls.key_password is not its password"},
};

std::string why_not_usable(const TlsFile& file, const std::filesystem::path& path, std::string_view text) {
  if (access(path.c_str(), R_OK) != 0) return std::system_category().message(errno);
  if (text.find("key values mismatch") != std::string_view::npos)
    return "it is not the key of the certificate in tls.cert_file";
  return std::string(file.content);
}

/// Protocol of a peer whose first four bytes librdkafka has taken for the size of an answer; empty: not recognized.
std::string_view protocol_with(std::uint32_t first_bytes) {
  constexpr std::uint32_t http = 0x48545450;  // "HTTP"
  constexpr std::uint32_t tls_alert = 0x1503, tls_handshake = 0x1603;
  if (first_bytes == http) return "HTTP";
  const auto record = first_bytes >> 16U;
  return record == tls_alert || record == tls_handshake ? "TLS" : "";
}

/// librdkafka advises to take larger answers, which is of no use where something else than Kafka speaks.
std::string with_true_protocol(std::string text) {
  constexpr std::string_view before_size = "Invalid response size ";
  const auto begin = text.find(before_size);
  if (begin == std::string::npos) return text;
  std::int64_t size = 0;
  std::from_chars(text.data() + begin + before_size.size(), text.data() + text.size(), size);
  const std::string_view protocol = protocol_with(static_cast<std::uint32_t>(size));
  if (protocol.empty()) return text;
  return text.substr(0, begin) + fmt::format("what answers there speaks {}, and not Kafka's protocol", protocol);
}

}  // namespace

std::string plain_broker_name(std::string_view name) {
  if (const auto scheme = name.find("://"); scheme != std::string_view::npos) name.remove_prefix(scheme + 3);
  return std::string(name.substr(0, name.find('/')));
}

std::string plain_kafka_text(std::string_view text) {
  if (const auto end = text.find("]: "); text.starts_with("[thrd:") && end != std::string_view::npos)
    text.remove_prefix(end + 3);
  if (const auto state = text.rfind(" (after "); state != std::string_view::npos && text.ends_with(')'))
    text = text.substr(0, state);
  const auto broker_end = text.find(": ");
  if (broker_end == std::string_view::npos) return std::string(text);
  const std::string_view broker = text.substr(0, broker_end);
  if (broker.find(' ') != std::string_view::npos) return std::string(text);
  return with_true_protocol(plain_broker_name(broker).append(text.substr(broker_end)));
}

Error kafka_error(rd_kafka_resp_err_t code, std::string_view text) {
  return {category_of(code, text), plain_kafka_text(text)};
}

Error kafka_client_error(std::string_view text, const net::TlsConfig& tls) {
  for (const TlsFile& file : tls_files) {
    const std::filesystem::path& path = tls.*file.path;
    if (!path.empty() && text.starts_with(file.option))
      return {ErrorCategory::tls,
              fmt::format("{} {} is not usable: {}", file.setting, path.string(), why_not_usable(file, path, text))};
  }
  return {ErrorCategory::configuration, std::string(text)};
}

std::optional<KafkaNotice> notice_of_kafka_log(int level, std::string_view facility, std::string_view text) {
  if (facility == "PARTCNT") {
    if (text.ends_with(" to 0")) return {};  // the topic is gone, which its events tell
    return KafkaNotice{
        "a topic has another number of partitions than before: keys go to other partitions from now on, "
        "and order per key holds within each partition",
        plain_kafka_text(text)};
  }
  if (facility == "CONFWARN") return KafkaNotice{"options: " + std::string(text), {}};
  // Failures of a connection come as errors, too, and are told from there; "SSL" is OpenSSL's details about a file.
  if (facility == "FAIL" || facility == "SSL" || level > LOG_ERR) return {};
  return KafkaNotice{"librdkafka reports an error", plain_kafka_text(text)};
}

}  // namespace pbxbridge::sink
