#include "sink/kafka/kafka_sink.hpp"

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/outcome_queue.hpp"
#include "sink/kafka/kafka_description.hpp"
#include "sink/kafka/kafka_examination.hpp"
#include "sink/kafka/kafka_preview.hpp"
#include "sink/kafka/kafka_producer.hpp"
#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka/kafka_topic_rules.hpp"
#include "sink/kafka/small_groups.hpp"

#include <boost/asio/post.hpp>

#include <mutex>
#include <string>
#include <utility>

namespace pbxbridge::sink {

namespace {

// Enough for 100,000 events a second at 50 ms to their acknowledgement; more at once is slower, for it leaves the
// caches.
constexpr std::size_t advised_window = 5'000;
/// Headers make a record in flight three times as large: more of them took 10 MiB and were no faster.
constexpr std::size_t advised_window_with_headers = 3'000;

/// Deliveries that found no room are asked for again when no more than this are in flight.
constexpr std::size_t resume_at(std::size_t in_flight) { return in_flight - in_flight / 4; }

class KafkaSink final : public Sink {
 public:
  KafkaSink(const KafkaSettings& settings, SinkContext context);
  ~KafkaSink() override;

  void connect() override { producer_->start(); }
  bool deliver(const Delivery& delivery) override;
  void close(std::chrono::milliseconds timeout, std::function<void()> closed) override;
  bool probe() override {
    producer_->probe();
    return true;
  }
  std::size_t window() const override {
    return format_ == Format::cloudevents ? advised_window_with_headers : advised_window;
  }

 private:
  class Relay;
  using Clock = std::chrono::steady_clock;

  bool no_room(std::size_t resume_at);
  bool send(KafkaTopic& topic, const Delivery& delivery, bool alone);
  void send_groups_soon();
  void send_groups();
  void answer(const Delivery& delivery, rd_kafka_resp_err_t error);
  void connected(std::string detail);
  void lost(Error error);
  void outcome(std::uint64_t token, Outcome outcome);
  void resume();
  void finish_closing();

  const Format format_;
  KafkaMessage message_;
  SinkContext context_;
  std::shared_ptr<OutcomeQueue> outcomes_;
  std::shared_ptr<Relay> relay_;
  std::shared_ptr<KafkaProducer> producer_;
  bool connected_ = false;
  std::size_t in_flight_ = 0;
  std::optional<std::size_t> resume_at_;  // deliveries in flight; set while the core waits for room
  SmallGroups groups_{
      [this](KafkaTopic& topic, const Delivery& delivery, bool alone) { return send(topic, delivery, alone); },
      [this](std::uint64_t token) { outcomes_->push(token, Outcome::resend("it waited after a rejected batch")); }};
  bool sends_groups_soon_ = false;
  std::function<void()> closed_;
  async::LatestTimer groups_timer_;
  async::LatestTimer close_timer_;
  const async::Lifetime lifetime_;
};

/// Brings what the producer tells to the io thread. Outlives the sink where the producer does, and may outlive the
/// io_context then: after `end` it touches neither.
class KafkaSink::Relay final : public KafkaProducerListener {
 public:
  Relay(KafkaSink& sink)
      : executor_(sink.context_.executor), sink_(sink), watch_(sink.lifetime_.watch()), outcomes_(sink.outcomes_) {}

  void connected(std::string detail) override {
    post([detail = std::move(detail)](KafkaSink& sink) mutable { sink.connected(std::move(detail)); });
  }
  void lost(Error error) override {
    post([error = std::move(error)](KafkaSink& sink) mutable { sink.lost(std::move(error)); });
  }
  void outcomes(std::vector<OutcomeQueue::Entry>& outcomes) override {
    const std::lock_guard lock(mutex_);
    if (!ended_) outcomes_->push(outcomes);
    outcomes.clear();
  }
  void notice(std::string text, std::string peer_words) override {
    post([text = std::move(text), words = std::move(peer_words)](KafkaSink& sink) mutable {
      sink.context_.observer.notice(std::move(text), std::move(words));
    });
  }
  void stuck(std::string text, std::string peer_words) override {
    post([text = std::move(text), words = std::move(peer_words)](KafkaSink& sink) mutable {
      sink.context_.observer.stuck(std::move(text), std::move(words));
    });
  }
  void unstuck() override {
    post([](KafkaSink& sink) { sink.context_.observer.unstuck(); });
  }
  void alive() override {
    post([](KafkaSink& sink) { sink.context_.observer.alive(); });
  }
  void closed() override {
    post([](KafkaSink& sink) { sink.finish_closing(); });
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }

 private:
  template <class Work>
  void post(Work work) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    boost::asio::post(executor_, [&sink = sink_, watch = watch_, work = std::move(work)]() mutable {
      if (!watch.is_over()) work(sink);
    });
  }

  const boost::asio::any_io_executor executor_;
  KafkaSink& sink_;
  const async::Lifetime::Watch watch_;  // asked on the io thread
  const std::shared_ptr<OutcomeQueue> outcomes_;
  std::mutex mutex_;
  bool ended_ = false;  // under mutex_
};

KafkaSink::KafkaSink(const KafkaSettings& settings, SinkContext context)
    : format_(settings.format),
      message_(AttributeSelection(settings.attributes)),
      context_(std::move(context)),
      groups_timer_(context_.executor),
      close_timer_(context_.executor) {
  outcomes_ = std::make_shared<OutcomeQueue>(
      context_.executor, [this](std::uint64_t token, Outcome result) { outcome(token, std::move(result)); });
  relay_ = std::make_shared<Relay>(*this);
  producer_ = std::make_shared<KafkaProducer>(settings, relay_);
}

KafkaSink::~KafkaSink() {
  outcomes_->stop();
  producer_->stop();
  relay_->end();
}

bool KafkaSink::deliver(const Delivery& delivery) {
  KafkaTopic* const topic = producer_->topic(delivery.topic);
  if (topic == nullptr) {
    answer(delivery, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
  } else if (topic->needs_small_groups()) {
    groups_.add(*topic, delivery, Clock::now());
    send_groups_soon();
  } else if (!send(*topic, delivery, false)) {
    return no_room(resume_at(in_flight_));
  }
  ++in_flight_;
  return true;
}

/// False where there is no room; else an outcome follows.
bool KafkaSink::send(KafkaTopic& topic, const Delivery& delivery, bool alone) {
  message_.compose(*delivery.event, options_of<FormatOptions>(delivery).format.value_or(format_), delivery.redelivery);
  const auto error = producer_->send(topic, delivery, message_, alone);
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) answer(delivery, error);
  return true;
}

void KafkaSink::answer(const Delivery& delivery, rd_kafka_resp_err_t error) {
  outcomes_->push(delivery.token, producer_->rejection(delivery.topic, error));
}

/// Called after the core, which has got outcomes and delivers again what was rejected.
void KafkaSink::send_groups_soon() {
  if (std::exchange(sends_groups_soon_, true)) return;
  boost::asio::post(context_.executor, lifetime_.guard([this] { send_groups(); }));
}

void KafkaSink::send_groups() {
  sends_groups_soon_ = false;
  if (closed_) return;
  groups_.send_next(Clock::now());
  const auto next = groups_.next_check();
  if (!next) return;
  groups_timer_.after(*next - Clock::now(), [this] { send_groups(); });
}

/// `deliver`'s answer; asks for more once no more than `resume_at` are in flight.
bool KafkaSink::no_room(std::size_t resume_at) {
  resume_at_ = resume_at;
  // librdkafka frees a message a moment after its report: with nothing in flight any more no report would follow.
  if (in_flight_ <= resume_at) boost::asio::post(context_.executor, lifetime_.guard([this] { resume(); }));
  return false;
}

void KafkaSink::resume() {
  if (!resume_at_ || in_flight_ > *resume_at_) return;
  resume_at_.reset();
  context_.observer.writable();
}

void KafkaSink::outcome(std::uint64_t token, Outcome outcome) {
  --in_flight_;
  if (!groups_.empty()) groups_.settled(token, outcome.kind);
  context_.observer.outcome(token, std::move(outcome));
  if (!groups_.empty()) send_groups_soon();
  resume();
}

void KafkaSink::connected(std::string detail) {
  if (closed_) return;
  connected_ = true;
  context_.observer.connected(std::move(detail));
}

void KafkaSink::lost(Error error) {
  if (closed_) return;
  outcomes_->stop();  // those of a producer that has failed come after its end
  context_.observer.connection_lost(std::move(error));
}

void KafkaSink::close(std::chrono::milliseconds timeout, std::function<void()> closed) {
  closed_ = std::move(closed);
  groups_timer_.cancel();
  if (!connected_) {
    producer_->stop();
    boost::asio::post(context_.executor, lifetime_.guard([this] { finish_closing(); }));
    return;
  }
  producer_->close(KafkaProducer::Clock::now() + timeout);
  // A thread may hang in librdkafka.
  close_timer_.after(timeout, [this] { finish_closing(); });
}

void KafkaSink::finish_closing() {
  outcomes_->stop();
  close_timer_.cancel();
  if (closed_) std::exchange(closed_, [] {})();
}

}  // namespace

const SinkType kafka_sink_type{
    .name = "kafka",
    .text = "Apache Kafka, or what speaks its protocol.",
    .topics = kafka_topic_rules,
    .schema = &config::schema_of<KafkaSettings>,
    .read = &read_settings<KafkaSettings>,
    .make = &make_sink<KafkaSink, KafkaSettings>,
    .options_schema = &config::schema_of<FormatOptions>,
    .read_options = &read_options<FormatOptions>,
    .compose =
        [](const SinkSettings& settings, const Delivery& delivery) {
          return compose_record(static_cast<const KafkaSettings&>(settings), delivery);
        },
    .describe = [](const SinkSettings& settings,
                   const std::string&) { return describe_kafka(static_cast<const KafkaSettings&>(settings)); },
    .examine = [](const SinkSettings& settings, const SinkExamination& asked,
                  Findings& findings) { examine_kafka(static_cast<const KafkaSettings&>(settings), asked, findings); },
};

}  // namespace pbxbridge::sink
