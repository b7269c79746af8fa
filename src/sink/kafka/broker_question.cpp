#include "sink/kafka/broker_question.hpp"

#include "sink/kafka/kafka_error_text.hpp"
#include "sink/kafka/oauth_refresh.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds first_step{100};
constexpr milliseconds longest_question_step{500};

bool answers(rd_kafka_t* client, milliseconds limit) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client, 0, nullptr, &metadata, static_cast<int>(limit.count())) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  rd_kafka_metadata_destroy(metadata);
  return true;
}

/// The last that librdkafka said of a broker.
struct LastWords {
  std::string text;
  bool account_rejected = false;
};

/// `last_words`, which outlives the client, is told them while the client is polled.
void keep_last_words(rd_kafka_conf_t* conf, LastWords& last_words) {
  rd_kafka_conf_set_opaque(conf, &last_words);
  rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int code, const char* text, void* words) {
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
    LastWords& last = *static_cast<LastWords*>(words);
    last.text = plain_kafka_text(text);
    last.account_rejected = last.account_rejected || code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
                            code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
  });
}

}  // namespace

Result<KafkaConf> asking_conf(const KafkaSettings& settings, const std::vector<std::string>& brokers) {
  const auto credentials = read_kafka_credentials(settings);
  if (!credentials) return credentials.error();
  KafkaSettings of_these = settings;
  of_these.brokers = brokers;
  auto options = kafka_options(of_these, *credentials);
  options.push_back({"enable.idempotence", "false"});  // would ask for more
  // Longer than until a rejected account is noticed.
  options.push_back({"reconnect.backoff.ms", "1000"});
  options.push_back({"reconnect.backoff.max.ms", "1000"});
  auto conf = kafka_conf(options);
  if (!conf) return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf->get(), [](rd_kafka_t*, const char*, void*) {});
  return conf;
}

Result<KafkaClient> make_asking_client(KafkaConf conf, const KafkaSettings& settings,
                                       const std::function<bool()>& stopping) {
  auto client = make_kafka_client(std::move(conf));
  if (!client) return kafka_client_error(client.error().text, settings.tls.value_or(net::TlsConfig{}));
  if (settings.sasl && settings.sasl->mechanism == SaslMechanism::oauthbearer)
    if (auto failure = OauthRefresh(*settings.sasl).get_first(client->get(), stopping)) return *failure;
  return client;
}

std::optional<std::string> why_no_broker_answers(const KafkaSettings& settings, const std::vector<std::string>& brokers,
                                                 milliseconds limit, const std::function<bool()>& stopping) {
  const auto deadline = Clock::now() + limit;
  LastWords last_words;
  auto conf = asking_conf(settings, brokers);
  if (!conf) return conf.error().text;
  keep_last_words(conf->get(), last_words);
  const auto client = make_asking_client(std::move(*conf), settings, stopping);
  if (!client) return client.error().text;
  for (milliseconds step = first_step; !stopping(); step = std::min(2 * step, longest_question_step)) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left <= milliseconds(0)) break;
    if (answers(client->get(), std::min(left, step))) return std::nullopt;
    rd_kafka_poll(client->get(), 0);
    if (last_words.account_rejected) break;  // further attempts may lock it
  }
  if (!last_words.text.empty()) return last_words.text;
  return fmt::format("{}: accepts connections and does not answer as Kafka does", fmt::join(brokers, ", "));
}

}  // namespace pbxbridge::sink
