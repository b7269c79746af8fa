#include "sink/kafka/kafka_outcomes.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace pbxbridge::sink {

namespace {

using enum Outcome::Kind;

// Errors that an operator can fix at the broker (a topic that is missing, a permission, a setting) are tried again for
// ever: the events wait, visibly, and none is lost by a slip. Rejected is only what the broker will reject each time
// because of the event itself.
constexpr auto outcomes = std::to_array<KafkaOutcome>({
    // The topic.
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, retry, false,
     "the topic does not exist: create it at the brokers, and its events flow on"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, retry, false,
     "the topic does not exist: create it at the brokers, and its events flow on"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, retry, false,
     "the topic, or this partition of it, does not exist: create it at the brokers, and its events flow on"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, retry, false,
     "the account may not write to the topic: grant it Describe and Write"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, reject, false, "the broker does not take this topic name"},

    // The event.
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, reject, true,
     "larger than allowed by the topic's max.message.bytes or by message.max.bytes under options"},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, reject, true, "the broker does not take a message of this size"},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, reject, true, "larger than the topic's segment.bytes"},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, reject, true,
     "the broker rejected the record (a compacted topic, for example, takes none without a key)"},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, reject, true, "the broker does not take even a record without a timestamp"},
    // Where the record was sent, it is the answer that could not be read: see kafka_outcome.
    {RD_KAFKA_RESP_ERR__BAD_MSG, reject, true, "librdkafka could not encode the record"},

    // The cluster, for now.
    {RD_KAFKA_RESP_ERR__TRANSPORT, retry, false, "the broker was not reached"},
    {RD_KAFKA_RESP_ERR__RESOLVE, retry, false, "the broker's host name could not be resolved"},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, retry, false, "no broker was reached"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, retry, false, "the broker did not answer in time"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, retry, false, "the broker did not take it in time"},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, retry, false, "no broker acknowledged it within message.timeout.ms"},
    {RD_KAFKA_RESP_ERR__NODE_UPDATE, retry, false, "the partition moved to another broker"},
    {RD_KAFKA_RESP_ERR__WAIT_CACHE, retry, false, "the topic's partitions are not known yet"},
    {RD_KAFKA_RESP_ERR__ISR_INSUFF, retry, false, "the partition has too few replicas in sync"},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, retry, false,
     "the replicas did not acknowledge it within request.timeout.ms"},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, retry, false, "the partition has no leader"},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, retry, false, "the partition moved to another broker"},
    {RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, retry, false, "the partition moved to another broker"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, retry, false, "the partition moved to another broker"},
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, retry, false, "the broker is not available"},
    {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, retry, false, "a replica of the partition is not available"},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, retry, false, "the broker lost its connection"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, retry, false, "the partition has fewer replicas in sync than it demands"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, retry, false,
     "the partition has fewer replicas in sync than it demands"},
    {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, retry, false, "the broker has trouble with its disk"},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, retry, false, "the record was damaged on its way"},
    {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, retry, false, "the broker is still starting"},
    {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, retry, false, "the broker is still starting"},
    {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, retry, false, "the coordinator moved to another broker"},
    {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, retry, false, "the broker's quota for this account is used up"},
    {RD_KAFKA_RESP_ERR_UNKNOWN, retry, false, "the broker failed unexpectedly: see its log"},

    // The account and the settings, until someone fixes them.
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, retry, false,
     "the account may not write idempotently: grant it IdempotentWrite, or set enable.idempotence to false"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, retry, false, "the broker rejected the account"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, retry, false, "the broker rejected the account"},
    {RD_KAFKA_RESP_ERR__SSL, retry, false, "TLS with the broker failed"},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, retry, false, "the broker does not take the configured acks"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, retry, false,
     "the broker does not know the configured compression"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, retry, false,
     "the topic's message format is too old for headers: format raw needs none"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, retry, false, "the broker is too old or too new for this request"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, retry, false, "the broker is too old for a configured option"},

    // The idempotent producer. What it calls fatal ends the connection, and the events are sent by a new producer.
    {RD_KAFKA_RESP_ERR__FATAL, retry, false, "the idempotent producer failed and is made again"},
    {RD_KAFKA_RESP_ERR__FENCED, retry, false, "the idempotent producer failed and is made again"},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, retry, false, "the idempotent producer failed and is made again"},
    {RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, retry, false, "the idempotent producer failed and is made again"},
    {RD_KAFKA_RESP_ERR__INCONSISTENT, retry, false, "the idempotent producer failed and is made again"},
    {RD_KAFKA_RESP_ERR__STATE, retry, false, "the producer is not ready"},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, retry, false, "the broker has lost records of this producer"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, retry, false, "the broker has lost its memory of this producer"},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, retry, false, "the broker has lost its memory of this producer"},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, retry, false, "the broker has lost its memory of this producer"},
    {RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, retry, false, "the broker cannot tell whether it has it already"},

    // This process.
    {RD_KAFKA_RESP_ERR__QUEUE_FULL, retry, false, "the queue to the brokers is full"},
    {RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, retry, false, "the system is out of memory or threads"},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, retry, false, "not sent before the sink was closed"},
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, retry, false, "sent, but not acknowledged before the sink was closed"},
    {RD_KAFKA_RESP_ERR__DESTROY, retry, false, "not sent before the sink was closed"},
});

}  // namespace

std::span<const KafkaOutcome> kafka_outcomes() { return outcomes; }

const KafkaOutcome* find_kafka_outcome(rd_kafka_resp_err_t error) {
  const auto found = std::ranges::find(outcomes, error, &KafkaOutcome::error);
  return found == outcomes.end() ? nullptr : found;
}

Outcome kafka_outcome(rd_kafka_resp_err_t error, rd_kafka_msg_status_t status, bool alone) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (status == RD_KAFKA_MSG_STATUS_PERSISTED) return Outcome::delivered();
    return Outcome::retry("the broker has not acknowledged that it keeps it");
  }
  if (error == RD_KAFKA_RESP_ERR__BAD_MSG && status != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
    return Outcome::retry("the broker's answer could not be read");
  const KafkaOutcome* known = find_kafka_outcome(error);
  if (known == nullptr) return Outcome::retry(std::string("the broker answered: ") + rd_kafka_err2str(error));
  const std::string reason = std::string(known->reason) + " (" + rd_kafka_err2str(error) + ")";
  if (known->of_batch && !alone) return Outcome::resend("rejected with its batch: " + reason);
  return {known->kind, reason};
}

}  // namespace pbxbridge::sink
