// Watches that the brokers take what they are sent.

#include "sink/kafka/kafka_producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <syslog.h>
#include <utility>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;

/// Time after which what is in flight is looked at more closely.
constexpr milliseconds usual_time{2'500};
/// Longer than librdkafka takes to report that a topic is missing (topic.metadata.propagation.max.ms, 5 s).
constexpr milliseconds silence_patience{7'000};
/// Age of a record that others have overtaken.
constexpr milliseconds overtaken_patience{5'000};
/// librdkafka sends again what was refused after `retry.backoff.ms`, a tenth of a second by default.
constexpr milliseconds refusal_time{5'000};
/// Between two questions, and between two reasons.
constexpr milliseconds interval{5'000};

}  // namespace

/// librdkafka tries again forever, so a producer that has lost its way would hold its events forever. A report of any
/// kind shows that it has not: an event whose topic is missing is answered, too. Nor has it while no broker is there.
void KafkaProducer::watch_progress() {
  const auto now = Clock::now();
  if (in_flight() == 0 || unreachable_since_) progress_at_ = now;
  ages_.turn(now);
  const auto silence = now - progress_at_;
  const bool some_wait = !unreachable_since_ && ages_.has_older(now, overtaken_patience);
  listen_to_refusals(silence > usual_time || some_wait);
  if (lost_) return;
  if (silence > silence_patience) {
    look_into_silence();
  } else {
    is_silence_looked_into_ = false;
    if (some_wait)
      look_into_overtaken();
    else if (acknowledged_at_ > stuck_told_at_ && !ages_.has_older(now, milliseconds(0)))
      tell_unstuck();
  }
  if (silence < settings_.longest_silence) return;
  lose({.category = ErrorCategory::network,
        .text = fmt::format(
            "no event was acknowledged for {} s while some were in flight{}, so the producer is made again; if it "
            "happens again, look at the topics' partitions: leader, replicas in sync",
            std::chrono::duration<double>(settings_.longest_silence).count(),
            stuck_.text.empty() ? "" : fmt::format(" ({})", stuck_.text)),
        .peer_words = stuck_.text.empty() ? troubles_.last() : stuck_.peer_words});
}

/// At full speed its debug log would take time, so librdkafka writes it only while something waits.
void KafkaProducer::listen_to_refusals(bool listen) {
  if (std::exchange(listens_, listen) == listen) return;
  if (listen) listens_since_ = Clock::now();
  rd_kafka_set_log_level(client_, listen ? LOG_DEBUG : log_level_);
}

/// The bootstrap addresses may still answer while no broker is reached where it is to be written to.
void KafkaProducer::look_into_silence() {
  const bool is_first = !std::exchange(is_silence_looked_into_, true);
  if (is_first || Clock::now() - cluster_asked_at_ > interval) {
    answers_in_silence_ = ask_cluster(probe_time);
    cluster_asked_at_ = Clock::now();
    if (is_first && answers_in_silence_)
      if (auto failure = reach_named_brokers(question_time)) return lose(std::move(*failure));
  }
  if (const auto refusal = refusals_.last_since(listens_since_)) return tell_stuck({*refusal, {}});
  if (!answers_in_silence_) return tell_stuck({"no broker answers a question", troubles_.last()});
  if (cluster_.trouble) return tell_stuck({cluster_.trouble->text, cluster_.trouble->topic});
  tell_stuck({"brokers take connections, and acknowledge nothing", troubles_.last()});
}

/// Others are acknowledged, so what waits is only slow unless there is a reason for more.
void KafkaProducer::look_into_overtaken() {
  const auto now = Clock::now();
  if (const auto refusal = refusals_.last_since(std::max(listens_since_, now - refusal_time)))
    return tell_stuck({*refusal, {}});
  if (now - cluster_asked_at_ < interval) return;
  cluster_asked_at_ = now;
  if (ask_cluster(probe_time) && cluster_.trouble) tell_stuck({cluster_.trouble->text, cluster_.trouble->topic});
}

void KafkaProducer::tell_stuck(Stuck stuck) {
  const auto now = Clock::now();
  if (stuck == stuck_ || (!stuck_.text.empty() && now - stuck_told_at_ < interval)) return;
  stuck_ = std::move(stuck);
  stuck_told_at_ = now;
  listener_->stuck(stuck_.text, stuck_.peer_words);
}

void KafkaProducer::tell_unstuck() {
  if (stuck_.text.empty()) return;
  stuck_ = {};
  listener_->unstuck();
}

}  // namespace pbxbridge::sink
