#include "sink/kafka/broker_question.hpp"

#include "memory/free_with.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/oauth_refresh.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Client = std::unique_ptr<rd_kafka_t, memory::FreeWith<rd_kafka_destroy>>;

constexpr milliseconds longest_step{500};

/// Null where none can be made.
Client make_client(const KafkaSettings& settings, const std::string& broker) {
  const auto credentials = read_kafka_credentials(settings);
  if (!credentials) return nullptr;
  KafkaSettings of_one = settings;
  of_one.brokers = {broker};
  auto options = kafka_options(of_one, *credentials);
  options.push_back({"enable.idempotence", "false"});  // which would ask for more
  auto conf = kafka_conf(options);
  if (!conf) return nullptr;
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int, const char*, void*) {});
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf->get(), [](rd_kafka_t*, const char*, void*) {});
  Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), nullptr, 0));
  if (client != nullptr) static_cast<void>(conf->release());
  return client;
}

bool answers(rd_kafka_t* client, milliseconds limit) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client, 0, nullptr, &metadata, static_cast<int>(limit.count())) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  rd_kafka_metadata_destroy(metadata);
  return true;
}

}  // namespace

bool kafka_broker_answers(const KafkaSettings& settings, const std::string& broker, milliseconds limit,
                          const std::function<bool()>& stopping) {
  const auto deadline = Clock::now() + limit;
  const Client client = make_client(settings, broker);
  if (client == nullptr) return false;
  if (settings.sasl && settings.sasl->mechanism == SaslMechanism::oauthbearer &&
      OauthRefresh(*settings.sasl).get_first(client.get(), stopping))
    return false;
  while (!stopping()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left <= milliseconds(0)) return false;
    if (answers(client.get(), std::min(left, longest_step))) return true;
  }
  return false;
}

}  // namespace pbxbridge::sink
