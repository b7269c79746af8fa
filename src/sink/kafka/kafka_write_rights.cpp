#include "sink/kafka/kafka_write_rights.hpp"

#include "sink/kafka/broker_question.hpp"
#include "sink/kafka/kafka_outcomes.hpp"

#include <librdkafka/rdkafka.h>

#include <utility>

namespace pbxbridge::sink {

namespace {

using Clock = std::chrono::steady_clock;
using Rights = std::map<std::string, WriteRight>;

constexpr std::chrono::milliseconds rights_poll_time{100};

WriteRight right_of(rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS) return {};
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {.why_not = {}, .record_was_taken = true};
  const KafkaOutcome* const known = find_kafka_outcome(error);
  return {known == nullptr ? std::string(rd_kafka_err2str(error)) : std::string(known->reason)};
}

void send(rd_kafka_t* client, const std::string& topic, Rights& rights) {
  const auto error = rd_kafka_producev(client, RD_KAFKA_VTYPE_TOPIC, topic.c_str(), RD_KAFKA_VTYPE_MSGFLAGS,
                                       RD_KAFKA_MSG_F_COPY, RD_KAFKA_VTYPE_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rights[topic] = {rd_kafka_err2str(error)};
}

}  // namespace

Result<Rights> write_rights(const KafkaSettings& settings, const std::vector<std::string>& topics,
                            std::chrono::milliseconds limit) {
  Rights rights;
  KafkaSettings rejected = settings;
  rejected.options.erase("request.required.acks");
  rejected.options["acks"].value = "2";
  rejected.options["message.timeout.ms"].value = std::to_string(limit.count());
  rejected.options.erase("delivery.timeout.ms");
  auto conf = asking_conf(rejected, settings.brokers);
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), &rights);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    (*static_cast<Rights*>(opaque))[rd_kafka_topic_name(message->rkt)] = right_of(message->err);
  });
  const auto client = make_asking_client(std::move(*conf), settings, [] { return false; });
  if (!client) return client.error();
  for (const std::string& topic : topics) send(client->get(), topic, rights);
  const auto deadline = Clock::now() + limit;
  while (rights.size() < topics.size() && Clock::now() < deadline)
    rd_kafka_poll(client->get(), static_cast<int>(rights_poll_time.count()));
  for (const std::string& topic : topics) rights.try_emplace(topic, WriteRight{"no broker answered in time"});
  rd_kafka_purge(client->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  return rights;
}

}  // namespace pbxbridge::sink
