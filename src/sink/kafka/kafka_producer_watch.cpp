// Watches that the brokers are reached, where they say that they listen.

#include "sink/kafka/broker_probe.hpp"
#include "sink/kafka/broker_question.hpp"
#include "sink/kafka/kafka_error_text.hpp"
#include "sink/kafka/kafka_producer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <syslog.h>
#include <utility>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_patience{200};
constexpr milliseconds longest_patience{2'000};
// A host with several addresses is tried at one after the other: no failure is final before that.
constexpr milliseconds other_addresses_time{1'000};
// A broker that closes an idle connection or restarts quickly is no outage: this producer goes on, which knows by
// itself what it has sent already. A new one delivers again what was not acknowledged.
constexpr milliseconds unreachable_patience{5'000};
// With the time for a first answer this is less than ten seconds.
constexpr milliseconds named_broker_time{4'000};

std::string cluster_id(rd_kafka_t* client) {
  char* const known = rd_kafka_clusterid(client, 0);
  if (known == nullptr) return {};
  std::string id = known;
  rd_kafka_mem_free(client, known);
  return id;
}

}  // namespace

bool KafkaProducer::ask_cluster(milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client_, 0, nullptr, &metadata, static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  cluster_ = reached_cluster(*metadata, cluster_id(client_));
  rd_kafka_metadata_destroy(metadata);
  return true;
}

std::optional<Error> KafkaProducer::reach_cluster() {
  const auto begin = Clock::now();
  const auto deadline = begin + settings_.connect_timeout;
  // Errors are seen between two questions. Each may take longer than the one before, for a cluster that is far away.
  for (milliseconds patience = first_patience; !stopping(); patience = std::min(2 * patience, longest_patience)) {
    if (ask_cluster(patience)) {
      unreachable_since_.reset();
      if (cluster_.by_one_of_them) return {};
      const auto took = std::chrono::ceil<milliseconds>(Clock::now() - begin);
      return reach_named_brokers(std::max(named_broker_time, 4 * took));
    }
    rd_kafka_poll(client_, 0);
    if (rejection_) return rejection_;
    const bool all_down = unreachable_since_ && Clock::now() - *unreachable_since_ > other_addresses_time;
    if (all_down || Clock::now() > deadline)
      return unreachable(fmt::format("no broker answered within {} ms: {}", settings_.connect_timeout.count(),
                                     fmt::join(settings_.brokers, ", ")));
  }
  return {};
}

/// A cluster answers at the addresses that were configured, and is then used at those that it names itself.
std::optional<Error> KafkaProducer::reach_named_brokers(milliseconds limit) {
  const auto is_stopping = [this] { return stopping(); };
  auto reason = why_no_broker_is_reached(cluster_.brokers, limit, is_stopping);
  if (!reason && !cluster_.brokers.empty()) {
    std::vector<std::string> names;
    for (const BrokerAddress& broker : cluster_.brokers) names.push_back(name_of(broker));
    reason = why_no_broker_answers(settings_, names, limit, is_stopping);
  }
  if (!reason) return {};
  return Error{ErrorCategory::network,
               fmt::format("the cluster answers, but no broker is reached where it says that they listen: {}; look at "
                           "advertised.listeners of the brokers",
                           *reason)};
}

void KafkaProducer::watch_connections() {
  for (const EndedConnection& ended : connections_.take_ended())
    if (!lost_ && (is_suspicious() || is_in_vain(ended))) look_into(ended);
}

/// Returns whether the same broker has ended a connection before, and what was in flight then still is.
bool KafkaProducer::is_in_vain(const EndedConnection& ended) {
  if (ended.fell_silent) return false;
  const std::size_t other = 1 - stretch_;
  if (in_flight_[other] > 0) return ended.broker == stretch_begun_by_;
  stretch_ = other;
  stretch_begun_by_ = ended.broker;
  return false;
}

/// librdkafka makes another connection and sends again what was in flight. Where the broker does not take part of that,
/// it would do so forever.
void KafkaProducer::look_into(const EndedConnection& ended) {
  const bool answers = !ended.fell_silent &&
                       !why_no_broker_answers(settings_, {ended.broker}, question_time, [this] { return stopping(); });
  rd_kafka_poll(client_, 0);
  hand_off_outcomes();
  const bool is_settled = in_flight_[1 - stretch_] == 0;
  if (!is_suspicious() && (!answers || is_settled)) return;
  Error error{ErrorCategory::network,
              ended.broker + (answers ? ": the broker ended the connection and answers on another, as it does where a "
                                        "request is larger than its socket.request.max.bytes"
                                      : ": the connection ended")};
  if (answers) error.hung_up_at = ended.at;
  lose(std::move(error));
}

void KafkaProducer::answer_probe() {
  if (!is_probe_due_ || lost_ || !ask_cluster(probe_time)) return;
  is_probe_due_ = false;
  listener_->alive();
}

void KafkaProducer::watch_cluster() {
  if (ask_cluster(probe_time)) return unreachable_since_.reset();
  if (Clock::now() - *unreachable_since_ >= unreachable_patience) lose(unreachable("no broker answers"));
}

/// The core tells no text again.
Error KafkaProducer::unreachable(const std::string& without_reason) const {
  const Error* const error = troubles_.first_error();
  if (error == nullptr) return {ErrorCategory::network, without_reason};
  return {error->category, "no broker answers: " + error->text};
}

void KafkaProducer::on_error(rd_kafka_t* client, int code, const char* text, void* self) {
  auto& producer = *static_cast<KafkaProducer*>(self);
  if (code != RD_KAFKA_RESP_ERR__FATAL) return producer.failed(static_cast<rd_kafka_resp_err_t>(code), text);
  std::array<char, 512> reason{};
  rd_kafka_fatal_error(client, reason.data(), reason.size());
  producer.lose(
      {ErrorCategory::rejected, std::string("the idempotent producer failed: ") + plain_kafka_text(reason.data())});
}

void KafkaProducer::failed(rd_kafka_resp_err_t code, std::string_view text) {
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    if (!unreachable_since_) unreachable_since_ = Clock::now();
    return;
  }
  Error error = kafka_error(code, text);
  if (error.category == ErrorCategory::rejected) {
    error.account_rejected =
        code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
    rejection_ = std::move(error);
    // A changed password is read by the next producer; this one would be rejected forever.
    if (!cluster_.detail.empty()) lose(*rejection_);
    return;
  }
  auto notice = troubles_.add(error, Clock::now());
  // While no broker is reached, that is reported once, and not for each broker.
  if (notice && !cluster_.detail.empty() && !unreachable_since_) listener_->notice(std::move(*notice));
}

void KafkaProducer::on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto* producer = static_cast<KafkaProducer*>(rd_kafka_opaque(client));
  if (level >= LOG_DEBUG) return producer->refusals_.note(facility, text, Clock::now());
  if (auto notice = notice_of_kafka_log(level, facility, text))
    return producer->listener_->notice(std::move(notice->text), std::move(notice->peer_words));
  if (level <= LOG_WARNING) producer->troubles_.note(plain_kafka_text(text));
}

}  // namespace pbxbridge::sink
