// Outcomes of a producer's records, from librdkafka's reports.

#include "sink/kafka/kafka_outcomes.hpp"
#include "sink/kafka/kafka_producer.hpp"
#include "sink/kafka/present_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;

bool is_missing(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

}  // namespace

void KafkaProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  static_cast<KafkaProducer*>(self)->delivered(*message);
}

void KafkaProducer::delivered(const rd_kafka_message_t& message) {
  auto& sent_to = *static_cast<KafkaTopic*>(rd_kafka_topic_opaque(message.rkt));
  const bool alone = sent_to.is_alone_.exchange(false);
  const RecordMark mark(message);
  outcomes_.emplace_back(mark.token, outcome_of(sent_to, message, alone));
  --sent_to.in_flight_;
  --in_flight_[mark.stretch];
  ages_.settled(mark.age_slot);
}

Outcome KafkaProducer::outcome_of(KafkaTopic& topic, const rd_kafka_message_t& message, bool alone) {
  if (message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE && close_at_.load() == Clock::time_point{})
    return Outcome::resend("it waited after a rejected batch");
  if (message.err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) {
    const milliseconds time = sent_times_.get(RecordMark(message).token);
    if (time != RecordTimes::no_time) {
      takes_back_queue_ = true;
      milliseconds& farthest = rejected_times_[&topic];
      farthest = std::max(farthest, std::chrono::abs(present_milliseconds() - time));
      return Outcome::resend("the broker does not take its timestamp");
    }
  }
  if (is_missing(message.err)) return rejection(rd_kafka_topic_name(message.rkt), message.err);
  Outcome outcome = kafka_outcome(message.err, rd_kafka_message_status(&message), alone);
  if (outcome.kind != Outcome::Kind::resend) return outcome;
  if (topic.is_stuck())
    return Outcome::retry(
        "it was rejected with its batch and has to be sent alone, but earlier events of its topic are "
        "not acknowledged: see the topic's partitions");
  ++topic.rejected_;
  if (!topic.needs_small_groups_.exchange(true)) takes_back_queue_ = true;
  return outcome;
}

Outcome KafkaProducer::rejection(const std::string& topic, rd_kafka_resp_err_t error) {
  if (!is_missing(error) || !settings_.create_topics.contains(topic))
    return kafka_outcome(error, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, true);
  is_topic_missing_ = true;
  return Outcome::retry("the topic is missing and is created again, being one of create_topics");
}

/// Called once all records of a rejected batch are known: the broker does not name the one at fault.
void KafkaProducer::learn_times() {
  for (const auto& [topic, farthest] : rejected_times_) {
    RecordTimes& times = topic->times_;
    const bool took_all = times.takes_all();
    const bool clocks_differed = times.clocks_differ();
    times.rejected(farthest);
    const std::string_view name = rd_kafka_topic_name(topic->handle_.get());
    if (times.clocks_differ() && !clocks_differed)
      listener_->notice(fmt::format(
          "topic {}: the broker rejects even the present as the timestamp of a record, so its clock and this machine's "
          "differ: records are sent without a timestamp, and the event's time is in their header {}. Set both clocks",
          name, original_timestamp_header));
    else if (took_all)
      listener_->notice(fmt::format(
          "topic {}: the broker rejects the timestamp of a record (see the topic's message.timestamp.before.max.ms and "
          "message.timestamp.after.max.ms): records with times that it does not take are sent with the present time, "
          "and the event's is in their header {}",
          name, original_timestamp_header));
  }
  rejected_times_.clear();
}

/// Events queued after a rejected batch would overtake it, and the idempotent producer would wait for
/// `retry.backoff.ms` at each further rejection among them.
void KafkaProducer::take_back_queue() {
  if (std::exchange(takes_back_queue_, false) && close_at_.load() == Clock::time_point{})
    rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

}  // namespace pbxbridge::sink
