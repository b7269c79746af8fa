#include "sink/kafka/reached_cluster.hpp"

#include "sink/kafka/kafka_error_text.hpp"
#include "text/ascii.hpp"
#include "url/endpoint.hpp"

#include <algorithm>

namespace pbxbridge::sink {

namespace {

/// Kafka makes an identifier of 22 letters of Base64, and an operator may choose another.
bool is_identifier(std::string_view id) {
  constexpr std::size_t longest = 64;
  return !id.empty() && id.size() <= longest && std::ranges::all_of(id, [](char letter) {
    const char lower = text::lower_case(letter);
    return (lower >= 'a' && lower <= 'z') || text::is_digit(letter) || letter == '-' || letter == '_' || letter == '.';
  });
}

}  // namespace

ReachedCluster reached_cluster(const rd_kafka_metadata_t& metadata, std::string_view id) {
  const std::string teller = plain_broker_name(metadata.orig_broker_name);
  ReachedCluster cluster;
  for (int i = 0; i < metadata.broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata.brokers[i];
    cluster.brokers.push_back({broker.host, static_cast<std::uint16_t>(broker.port)});
    if (url::host_and_port(broker.host, cluster.brokers.back().port) == teller) cluster.by_one_of_them = true;
  }
  cluster.detail = teller;
  cluster.detail += metadata.broker_cnt == 1 ? ", 1 broker" : ", " + std::to_string(metadata.broker_cnt) + " brokers";
  if (is_identifier(id)) cluster.detail.append(", cluster ").append(id);
  return cluster;
}

}  // namespace pbxbridge::sink
