#include "sink/kafka/kafka_producer.hpp"

#include "async/background_thread.hpp"
#include "sink/kafka/kafka_error_text.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/kafka_topics.hpp"
#include "sink/kafka/present_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pthread.h>
#include <string>
#include <utility>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds poll_time{200};
/// While each end of a connection counts.
constexpr milliseconds short_poll_time{20};
constexpr milliseconds purge_time{100};
/// Longer than the core leaves between two probes while it suspects an event.
constexpr milliseconds suspicious_time{60'000};
constexpr milliseconds between_topic_creations{2'000};
constexpr milliseconds topic_creation_time{2'000};

int whole_milliseconds(KafkaProducer::Clock::duration time) {
  return static_cast<int>(std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(time).count()));
}

}  // namespace

void KafkaProducer::start() {
  async::run_in_background([self = shared_from_this()] { self->run(); });
}

void KafkaProducer::close(Clock::time_point deadline) {
  close_at_ = deadline;
  rd_kafka_queue_yield(reports_);
}

void KafkaProducer::probe() {
  suspicious_until_ = Clock::now() + suspicious_time;
  is_probe_due_ = true;
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
  if (!topic.times_.takes_all())
    message.set_timestamp(topic.times_.timestamp(message.timestamp(), present_milliseconds()));
  sent_times_.set(delivery.token, message.timestamp());
  topic.is_alone_ = alone;
  const RecordMark mark(delivery.token, stretch_, ages_.slot());
  ++topic.in_flight_;  // before its report can come
  ++in_flight_[mark.stretch];
  ages_.sent(mark.age_slot);
  const auto error = rd_kafka_producev(
      client_, RD_KAFKA_VTYPE_RKT, topic.handle_.get(), RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY,               //
      RD_KAFKA_VTYPE_VALUE, const_cast<char*>(value.data()), value.size(),                                          //
      RD_KAFKA_VTYPE_KEY, has_key ? delivery.key.data() : nullptr, has_key ? delivery.key.size() : std::size_t{0},  //
      RD_KAFKA_VTYPE_TIMESTAMP, std::int64_t{message.timestamp().count()}, RD_KAFKA_VTYPE_HEADERS,
      message.headers().get(),  //
      RD_KAFKA_VTYPE_OPAQUE, mark.opaque(), RD_KAFKA_VTYPE_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(message.headers().release());
  } else {
    --topic.in_flight_;
    --in_flight_[mark.stretch];
    ages_.settled(mark.age_slot);
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
    listener_->connected(cluster_.detail);
    serve();
  }
  end_client();
  if (close_at_.load() != Clock::time_point{}) listener_->closed();
}

std::optional<Error> KafkaProducer::make_client() {
  const auto credentials = read_kafka_credentials(settings_);
  if (!credentials) return credentials.error();
  auto options = kafka_options(settings_, *credentials);
  options.push_back({"debug", "msg"});  // written only while it is listened to
  auto conf = kafka_conf(options);
  if (!conf) return conf.error();
  log_level_ = std::stoi(value_of(conf->get(), "log_level"));
  set_callbacks(conf->get());
  if (settings_.sasl && settings_.sasl->mechanism == SaslMechanism::oauthbearer) {
    oauth_.emplace(*settings_.sasl);
    // Asked for before each token has run out, which is looked after already.
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf->get(), [](rd_kafka_t*, const char*, void*) {});
  }
  auto client = make_kafka_client(std::move(*conf));
  if (!client) return kafka_client_error(client.error().text, settings_.tls.value_or(net::TlsConfig{}));
  client_ = client->release();
  rd_kafka_set_log_level(client_, log_level_);
  reports_ = rd_kafka_queue_get_main(client_);
  return {};
}

void KafkaProducer::set_callbacks(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_dr_msg_cb(conf, &KafkaProducer::on_delivery);
  rd_kafka_conf_set_error_cb(conf, &KafkaProducer::on_error);
  rd_kafka_conf_set_socket_cb(conf, [](int domain, int type, int protocol, void* self) {
    return static_cast<KafkaProducer*>(self)->connections_.open(domain, type, protocol);
  });
  rd_kafka_conf_set_connect_cb(conf, [](int socket, const sockaddr* address, int size, const char* broker, void* self) {
    return static_cast<KafkaProducer*>(self)->connections_.connect(socket, address, size, broker);
  });
  rd_kafka_conf_set_closesocket_cb(
      conf, [](int socket, void* self) { return static_cast<KafkaProducer*>(self)->connections_.close(socket); });
  rd_kafka_conf_set_log_cb(conf, &KafkaProducer::on_log);
}

std::optional<Error> KafkaProducer::create_topics(milliseconds timeout) {
  if (stopping() || settings_.create_topics.empty()) return {};
  topics_created_at_ = Clock::now();
  const auto rejected = create_kafka_topics(client_, settings_, timeout, [this] { return stopping(); });
  if (!rejected) return rejected.error();
  for (const auto& [topic, reason] : *rejected)
    if (topics_not_created_.insert(fmt::format("{}: {}", topic, reason)).second)
      listener_->notice(
          fmt::format("topic {} could not be created; if it does not exist, its events wait until it does", topic),
          reason);
  return {};
}

/// One of `create_topics` that has gone, as its records tell, is not there forever.
void KafkaProducer::create_missing_topics() {
  if (!is_topic_missing_ || Clock::now() < topics_created_at_ + between_topic_creations) return;
  is_topic_missing_ = false;
  if (const auto failure = create_topics(topic_creation_time)) troubles_.note(failure->text);
}

void KafkaProducer::serve() {
  progress_at_ = Clock::now();
  while (!stopping()) {
    const bool watching = unreachable_since_ && !lost_;  // takes a time of its own
    const auto time = watching ? milliseconds(0) : is_suspicious() ? short_poll_time : poll_time;
    rd_kafka_poll(client_, static_cast<int>(time.count()));
    hand_off_outcomes();
    if (close_at_.load() != Clock::time_point{}) return flush();
    if (watching) watch_cluster();
    watch_progress();
    watch_connections();
    answer_probe();
    create_missing_topics();
    if (oauth_)
      if (auto notice = oauth_->refresh(client_)) listener_->notice(std::move(*notice));
  }
}

/// One poll brings the reports of whole batches.
void KafkaProducer::hand_off_outcomes() {
  if (outcomes_.empty()) return;
  progress_at_ = Clock::now();
  const auto is_delivered = [](const auto& entry) { return entry.second.kind == Outcome::Kind::delivered; };
  if (std::ranges::any_of(outcomes_, is_delivered)) acknowledged_at_ = progress_at_;
  learn_times();
  take_back_queue();
  listener_->outcomes(outcomes_);
}

void KafkaProducer::flush() {
  const auto deadline = close_at_.load() - purge_time;
  do {
    const auto left = std::min<Clock::duration>(deadline - Clock::now(), poll_time);
    const auto error = rd_kafka_flush(client_, whole_milliseconds(left));
    hand_off_outcomes();
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  } while (Clock::now() < deadline);
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_, static_cast<int>(purge_time.count()));
  hand_off_outcomes();
}

void KafkaProducer::end_client() {
  if (client_ == nullptr) return;
  purge();
  for (auto& [name, topic] : topics_) topic.handle_.reset();
  rd_kafka_queue_destroy(reports_);
  rd_kafka_destroy(client_);
}

/// Sends nothing more, which could follow what the next producer sends.
void KafkaProducer::lose(Error error) {
  if (std::exchange(lost_, true) || stopping() || close_at_.load() != Clock::time_point{}) return;
  if (client_ != nullptr) purge();
  listener_->lost(std::move(error));
}

void KafkaProducer::purge() {
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

}  // namespace pbxbridge::sink
