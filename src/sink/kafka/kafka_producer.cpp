#include "sink/kafka/kafka_producer.hpp"

#include "net/peer_watch.hpp"
#include "sink/kafka/background_thread.hpp"
#include "sink/kafka/kafka_error_text.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/kafka_outcomes.hpp"
#include "sink/kafka/kafka_topics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <pthread.h>
#include <sys/socket.h>
#include <syslog.h>
#include <utility>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds poll_time{200};
constexpr milliseconds longest_question{2'000};
// A host with several addresses is tried at one after the other: no failure is final before that.
constexpr milliseconds other_addresses_time{1'000};
constexpr milliseconds probe_time{1'000};
// A broker that closes an idle connection or restarts quickly is no outage: this producer goes on, which knows by
// itself what it has sent already. A new one delivers again what was not confirmed.
constexpr milliseconds unreachable_patience{5'000};
constexpr milliseconds purge_time{100};
// With the time for a first answer, and with the patience before, this is less than ten seconds.
constexpr milliseconds named_broker_time{4'000};
constexpr milliseconds silence_patience{5'000};
constexpr milliseconds between_topic_creations{2'000};
constexpr milliseconds topic_creation_time{2'000};

milliseconds present() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now().time_since_epoch()); }

int whole_milliseconds(KafkaProducer::Clock::duration time) {
  return static_cast<int>(std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(time).count()));
}

bool is_missing(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

/// "kafka:9092, 3 brokers, cluster ID"
std::string describe(const rd_kafka_metadata_t& metadata, rd_kafka_t* client) {
  const std::string_view broker = metadata.orig_broker_name;  // with its number behind a slash
  std::string text(broker.substr(0, broker.find('/')));
  text += metadata.broker_cnt == 1 ? ", 1 broker" : ", " + std::to_string(metadata.broker_cnt) + " brokers";
  if (char* cluster = rd_kafka_clusterid(client, 0); cluster != nullptr) {
    text += std::string(", cluster ") + cluster;
    rd_kafka_mem_free(client, cluster);
  }
  return text;
}

}  // namespace

void KafkaProducer::start() {
  run_in_background([self = shared_from_this()] { self->run(); });
}

void KafkaProducer::close(Clock::time_point deadline) {
  close_at_ = deadline;
  rd_kafka_queue_yield(reports_);
}

void KafkaProducer::stop() { stopping_ = true; }

KafkaTopic* KafkaProducer::topic(const std::string& name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return &found->second;
  const auto entry = topics_.try_emplace(name).first;
  KafkaTopic& topic = entry->second;
  rd_kafka_topic_conf_t* const conf = rd_kafka_default_topic_conf_dup(client_);
  rd_kafka_topic_conf_set_opaque(conf, &topic);
  topic.handle_.reset(rd_kafka_topic_new(client_, name.c_str(), conf));
  if (topic.handle_ != nullptr) return &topic;
  topics_.erase(entry);
  return nullptr;
}

rd_kafka_resp_err_t KafkaProducer::send(KafkaTopic& topic, const Delivery& delivery, KafkaMessage& message,
                                        bool alone) {
  const std::string_view value = message.value();
  const bool has_key = !delivery.key.empty();
  if (!topic.times_.takes_all()) message.set_timestamp(topic.times_.timestamp(message.timestamp(), present()));
  sent_times_.set(delivery.token, message.timestamp());
  topic.is_alone_ = alone;
  ++topic.in_flight_;  // before its report can come
  ++in_flight_;
  const auto error = rd_kafka_producev(
      client_, RD_KAFKA_VTYPE_RKT, topic.handle_.get(), RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY,               //
      RD_KAFKA_VTYPE_VALUE, const_cast<char*>(value.data()), value.size(),                                          //
      RD_KAFKA_VTYPE_KEY, has_key ? delivery.key.data() : nullptr, has_key ? delivery.key.size() : std::size_t{0},  //
      RD_KAFKA_VTYPE_TIMESTAMP, std::int64_t{message.timestamp().count()}, RD_KAFKA_VTYPE_HEADERS,
      message.headers().get(),  //
      RD_KAFKA_VTYPE_OPAQUE, reinterpret_cast<void*>(delivery.token), RD_KAFKA_VTYPE_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(message.headers().release());
  } else {
    --topic.in_flight_;
    --in_flight_;
    topic.is_alone_ = false;
  }
  return error;
}

void KafkaProducer::run() noexcept {
  ::pthread_setname_np(::pthread_self(), "kafka");
  std::optional<Error> failure = make_client();
  if (!failure && oauth_) failure = oauth_->get_first(client_, [this] { return stopping(); });
  if (!failure) failure = reach_cluster();
  if (!failure) failure = create_topics(settings_.connect_timeout);
  if (failure) {
    lose(std::move(*failure));
  } else if (!stopping()) {
    listener_->connected(detail_);
    serve();
  }
  end_client();
  if (close_at_.load() != Clock::time_point{}) listener_->closed();
}

std::optional<Error> KafkaProducer::make_client() {
  const auto credentials = read_kafka_credentials(settings_);
  if (!credentials) return credentials.error();
  auto conf = kafka_conf(kafka_options(settings_, *credentials));
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &KafkaProducer::on_delivery);
  rd_kafka_conf_set_error_cb(conf->get(), &KafkaProducer::on_error);
  rd_kafka_conf_set_socket_cb(conf->get(), &KafkaProducer::make_socket);
  rd_kafka_conf_set_log_cb(conf->get(), &KafkaProducer::on_log);
  if (settings_.sasl && settings_.sasl->mechanism == SaslMechanism::oauthbearer) {
    oauth_.emplace(*settings_.sasl);
    // Asked for before each token has run out, which is looked after already.
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf->get(), [](rd_kafka_t*, const char*, void*) {});
  }
  std::array<char, 512> text{};
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), text.data(), text.size());
  if (client_ == nullptr) return kafka_client_error(text.data(), settings_.tls.value_or(config::TlsConfig{}));
  static_cast<void>(conf->release());
  reports_ = rd_kafka_queue_get_main(client_);
  return {};
}

bool KafkaProducer::ask_cluster(milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client_, 0, nullptr, &metadata, static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  detail_ = describe(*metadata, client_);
  named_brokers_.clear();
  is_named_broker_reached_ = false;
  for (int i = 0; i < metadata->broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata->brokers[i];
    named_brokers_.push_back({broker.host, static_cast<std::uint16_t>(broker.port)});
    if (detail_.starts_with(to_string(named_brokers_.back()) + ",")) is_named_broker_reached_ = true;
  }
  rd_kafka_metadata_destroy(metadata);
  return true;
}

std::optional<Error> KafkaProducer::reach_cluster() {
  const auto deadline = Clock::now() + settings_.connect_timeout;
  // Errors are seen between two questions. Each may take longer than the one before, for a cluster that is far away.
  for (milliseconds patience = poll_time; !stopping(); patience = std::min(2 * patience, longest_question)) {
    if (ask_cluster(patience)) {
      unreachable_since_.reset();
      return is_named_broker_reached_ ? std::nullopt : reach_named_brokers();
    }
    rd_kafka_poll(client_, 0);
    if (refusal_) return refusal_;
    const bool all_down = unreachable_since_ && Clock::now() - *unreachable_since_ > other_addresses_time;
    if (all_down || Clock::now() > deadline)
      return unreachable(fmt::format("no broker answered within {} ms: {}", settings_.connect_timeout.count(),
                                     fmt::join(settings_.brokers, ", ")));
  }
  return {};
}

/// A cluster answers at the addresses that were configured, and is then used at those that it names itself.
std::optional<Error> KafkaProducer::reach_named_brokers() {
  const auto reason = why_no_broker_is_reached(named_brokers_, named_broker_time, [this] { return stopping(); });
  if (!reason) return {};
  return Error{ErrorCategory::network,
               fmt::format("the cluster answers, but no broker is reached where it says that they listen: {}; look at "
                           "advertised.listeners of the brokers",
                           *reason)};
}

std::optional<Error> KafkaProducer::create_topics(milliseconds timeout) {
  if (stopping() || settings_.create_topics.empty()) return {};
  topics_created_at_ = Clock::now();
  const auto refused = create_kafka_topics(client_, settings_, timeout, [this] { return stopping(); });
  if (!refused) return refused.error();
  for (const auto& [topic, reason] : *refused)
    if (topics_not_created_.insert(topic + ": " + reason).second)
      listener_->notice(fmt::format(
          "topic {} could not be created: {}; if it does not exist, its events wait until it does", topic, reason));
  return {};
}

/// One of `create_topics` that has gone, as its records tell, is not there for ever.
void KafkaProducer::create_missing_topics() {
  if (!is_topic_missing_ || Clock::now() < topics_created_at_ + between_topic_creations) return;
  is_topic_missing_ = false;
  if (const auto failure = create_topics(topic_creation_time)) troubles_.note(failure->text);
}

void KafkaProducer::serve() {
  progress_at_ = Clock::now();
  while (!stopping()) {
    const bool watching = unreachable_since_ && !lost_;  // takes a time of its own
    rd_kafka_poll(client_, watching ? 0 : static_cast<int>(poll_time.count()));
    hand_over_outcomes();
    if (close_at_.load() != Clock::time_point{}) return flush();
    if (watching) watch_cluster();
    watch_progress();
    create_missing_topics();
    if (oauth_)
      if (auto notice = oauth_->refresh(client_)) listener_->notice(std::move(*notice));
  }
}

/// One poll brings the reports of whole batches.
void KafkaProducer::hand_over_outcomes() {
  if (outcomes_.empty()) return;
  progress_at_ = Clock::now();
  is_silence_looked_into_ = false;
  learn_times();
  take_back_queue();
  listener_->outcomes(outcomes_);
}

/// Events queued behind a rejected batch would overtake it, and the idempotent producer would wait for
/// `retry.backoff.ms` at each further rejection among them.
void KafkaProducer::take_back_queue() {
  if (std::exchange(takes_back_queue_, false) && close_at_.load() == Clock::time_point{})
    rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

/// librdkafka tries again for ever, so a producer that has lost its way would hold its events for ever. A report of any
/// kind shows that it has not: an event whose topic is missing is answered, too. Nor has it while no broker is there.
void KafkaProducer::watch_progress() {
  const auto now = Clock::now();
  if (in_flight_ == 0 || unreachable_since_) progress_at_ = now;
  if (now - progress_at_ > silence_patience && !std::exchange(is_silence_looked_into_, true)) look_into_silence();
  if (now - progress_at_ < settings_.longest_silence) return;
  lose(
      {ErrorCategory::network,
       fmt::format("no event was acknowledged for {} s while some were in flight, so the producer is made again; if it "
                   "happens again, look at the topics' partitions: leader, replicas in sync{}",
                   std::chrono::duration<double>(settings_.longest_silence).count(), troubles_.last())});
}

/// The bootstrap addresses may still answer while no broker is reached where it is to be written to.
void KafkaProducer::look_into_silence() {
  if (!ask_cluster(probe_time)) return;
  if (auto failure = reach_named_brokers()) return lose(std::move(*failure));
  if (const std::string reason = troubles_.last(); !reason.empty())
    listener_->notice("no event was acknowledged for 5 s while some were in flight" + reason);
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

void KafkaProducer::flush() {
  const auto deadline = close_at_.load() - purge_time;
  do {
    const auto left = std::min<Clock::duration>(deadline - Clock::now(), poll_time);
    const auto error = rd_kafka_flush(client_, whole_milliseconds(left));
    hand_over_outcomes();
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  } while (Clock::now() < deadline);
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_, static_cast<int>(purge_time.count()));
  hand_over_outcomes();
}

void KafkaProducer::end_client() {
  if (client_ == nullptr) return;
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  for (auto& [name, topic] : topics_) topic.handle_.reset();
  rd_kafka_queue_destroy(reports_);
  rd_kafka_destroy(client_);
}

void KafkaProducer::lose(Error error) {
  if (std::exchange(lost_, true) || stopping() || close_at_.load() != Clock::time_point{}) return;
  listener_->lost(std::move(error));
}

void KafkaProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  static_cast<KafkaProducer*>(self)->delivered(*message);
}

void KafkaProducer::delivered(const rd_kafka_message_t& message) {
  auto& sent_to = *static_cast<KafkaTopic*>(rd_kafka_topic_opaque(message.rkt));
  const bool alone = sent_to.is_alone_.exchange(false);
  outcomes_.emplace_back(reinterpret_cast<std::uint64_t>(message._private), outcome_of(sent_to, message, alone));
  --sent_to.in_flight_;
  --in_flight_;
}

Outcome KafkaProducer::outcome_of(KafkaTopic& topic, const rd_kafka_message_t& message, bool alone) {
  if (message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE && close_at_.load() == Clock::time_point{})
    return Outcome::resend("it waited behind a rejected batch");
  if (message.err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) {
    const milliseconds time = sent_times_.get(reinterpret_cast<std::uint64_t>(message._private));
    if (time != RecordTimes::no_time) {
      takes_back_queue_ = true;
      milliseconds& farthest = refused_times_[&topic];
      farthest = std::max(farthest, std::chrono::abs(present() - time));
      return Outcome::resend("the broker does not take its timestamp");
    }
  }
  if (is_missing(message.err)) return refusal(rd_kafka_topic_name(message.rkt), message.err);
  Outcome outcome = kafka_outcome(message.err, rd_kafka_message_status(&message), alone);
  if (outcome.kind != Outcome::Kind::resend) return outcome;
  if (topic.is_stuck())
    return Outcome::retry(
        "it was rejected with its batch and has to be sent alone, but earlier events of its topic are "
        "not acknowledged: see the topic's partitions");
  ++topic.refused_;
  if (!topic.needs_small_groups_.exchange(true)) takes_back_queue_ = true;
  return outcome;
}

Outcome KafkaProducer::refusal(const std::string& topic, rd_kafka_resp_err_t error) {
  if (!is_missing(error) || !settings_.create_topics.contains(topic))
    return kafka_outcome(error, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, true);
  is_topic_missing_ = true;
  return Outcome::retry("the topic is missing and is created again, being one of create_topics");
}

/// To be called once all records of a rejected batch are known: the broker does not name the one at fault.
void KafkaProducer::learn_times() {
  for (const auto& [topic, farthest] : refused_times_) {
    RecordTimes& times = topic->times_;
    const bool took_all = times.takes_all();
    const bool clocks_differed = times.clocks_differ();
    times.refused(farthest);
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
  refused_times_.clear();
}

void KafkaProducer::on_error(rd_kafka_t* client, int code, const char* text, void* self) {
  auto& producer = *static_cast<KafkaProducer*>(self);
  if (code != RD_KAFKA_RESP_ERR__FATAL) return producer.failed(static_cast<rd_kafka_resp_err_t>(code), text);
  std::array<char, 512> reason{};
  rd_kafka_fatal_error(client, reason.data(), reason.size());
  producer.lose(
      {ErrorCategory::refused, std::string("the idempotent producer failed: ") + plain_kafka_text(reason.data())});
}

void KafkaProducer::failed(rd_kafka_resp_err_t code, std::string_view text) {
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    if (!unreachable_since_) unreachable_since_ = Clock::now();
    return;
  }
  Error error = kafka_error(code, text);
  if (error.category == ErrorCategory::refused) {
    error.account_refused =
        code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
    refusal_ = std::move(error);
    // A changed password is read by the next producer; this one would be rejected for ever.
    if (!detail_.empty()) lose(*refusal_);
    return;
  }
  auto notice = troubles_.add(error, Clock::now());
  // While no broker is reached that is told, and not each.
  if (notice && !detail_.empty() && !unreachable_since_) listener_->notice(std::move(*notice));
}

/// Without it librdkafka waits `socket.timeout.ms`, a minute, for the answer of a broker whose machine is gone.
int KafkaProducer::make_socket(int domain, int type, int protocol, void*) {
  const int socket = ::socket(domain, type | SOCK_CLOEXEC, protocol);
  if (socket >= 0) net::watch_peer(socket);
  return socket;
}

void KafkaProducer::on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto* producer = static_cast<KafkaProducer*>(rd_kafka_opaque(client));
  if (auto notice = notice_of_kafka_log(level, facility, text)) return producer->listener_->notice(std::move(*notice));
  if (level <= LOG_WARNING) producer->troubles_.note(plain_kafka_text(text));
}

}  // namespace pbxbridge::sink
