#pragma once

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/outcome_queue.hpp"
#include "sink/kafka/broker_connections.hpp"
#include "sink/kafka/broker_troubles.hpp"
#include "sink/kafka/flight_ages.hpp"
#include "sink/kafka/kafka_message.hpp"
#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka/kafka_topic.hpp"
#include "sink/kafka/oauth_refresh.hpp"
#include "sink/kafka/produce_refusals.hpp"
#include "sink/kafka/reached_cluster.hpp"
#include "sink/kafka/sent_times.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pbxbridge::sink {

/// Told on the producer's threads, not on the io thread.
class KafkaProducerListener {
 public:
  virtual ~KafkaProducerListener() = default;
  virtual void connected(std::string detail) = 0;
  /// Called at most once, and not after `stop` or `close`.
  virtual void lost(Error error) = 0;
  /// Takes many outcomes at once; empties `outcomes`.
  virtual void outcomes(std::vector<OutcomeQueue::Entry>& outcomes) = 0;
  virtual void notice(std::string text, std::string peer_words) = 0;
  void notice(std::string text) { notice(std::move(text), {}); }
  /// Says why what is in flight is not acknowledged; again where the reason has changed.
  virtual void stuck(std::string text, std::string peer_words) = 0;
  /// Called after `stuck`, once it is acknowledged again.
  virtual void unstuck() = 0;
  /// Called after `probe`.
  virtual void alive() = 0;
  /// Nothing is told after it.
  virtual void closed() = 0;
};

/// One producer of librdkafka and the thread that serves it: the thread makes it, waits for a broker's answer, creates
/// topics, brings delivery reports, watches over the cluster, and ends it. The public functions are for the io thread.
class KafkaProducer : public std::enable_shared_from_this<KafkaProducer> {
 public:
  using Clock = std::chrono::steady_clock;

  KafkaProducer(KafkaSettings settings, std::shared_ptr<KafkaProducerListener> listener)
      : settings_(std::move(settings)), listener_(std::move(listener)) {}

  void start();

  /// Between `connected` and `stop` or `close`, as `send`. Lives as long as the producer. Null where the name is none.
  KafkaTopic* topic(const std::string& name);
  /// If it returns no error, an outcome follows. `alone`: no other record of the topic is in flight, and none is
  /// sent before this one's outcome, unless the topic gets stuck.
  rd_kafka_resp_err_t send(KafkaTopic& topic, const Delivery& delivery, KafkaMessage& message, bool alone);
  /// Outcome of an error of `send`, which is the record's own: it was never in a batch.
  Outcome rejection(const std::string& topic, rd_kafka_resp_err_t error);

  /// Asks the cluster for a sign of life, which `alive` tells. For a minute each connection that is ended from outside
  /// ends this producer.
  void probe();
  /// Sends what is queued, gives up on the rest at `deadline`, then tells `closed`.
  void close(Clock::time_point deadline);
  /// Ends without telling anything more about it.
  void stop();

 private:
  static constexpr std::chrono::milliseconds probe_time{1'000};
  /// Time for a broker that is known to be there to answer a new client.
  static constexpr std::chrono::milliseconds question_time{3'000};

  /// Pointer that librdkafka keeps with a record and reports.
  struct RecordMark {
    std::uint64_t token = 0;
    std::size_t stretch = 0;
    std::size_t age_slot = 0;

    RecordMark(std::uint64_t of_token, std::size_t of_stretch, std::size_t of_age_slot)
        : token(of_token), stretch(of_stretch), age_slot(of_age_slot) {}
    explicit RecordMark(const rd_kafka_message_t& message)
        : RecordMark(reinterpret_cast<std::uint64_t>(message._private)) {}
    explicit RecordMark(std::uint64_t packed)
        : token(packed >> 3U), stretch(packed >> 2U & 1U), age_slot(packed & 3U) {}
    void* opaque() const { return reinterpret_cast<void*>(token << 3U | stretch << 2U | age_slot); }
    static_assert(FlightAges::slots == 4);
  };
  /// Reason why what is in flight is not acknowledged; no text: it is.
  struct Stuck {
    std::string text;
    std::string peer_words;
    bool operator==(const Stuck&) const = default;
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void run() noexcept;  // out of memory must not end this thread in silence
  std::optional<Error> make_client();
  void set_callbacks(rd_kafka_conf_t* conf);
  std::optional<Error> reach_cluster();
  std::optional<Error> create_topics(std::chrono::milliseconds timeout);
  void create_missing_topics();
  std::optional<Error> reach_named_brokers(std::chrono::milliseconds limit);
  bool ask_cluster(std::chrono::milliseconds timeout);
  void serve();
  void watch_cluster();
  void watch_progress();
  void watch_connections();
  bool is_in_vain(const EndedConnection& ended);
  void look_into(const EndedConnection& ended);
  void answer_probe();
  bool is_suspicious() const { return Clock::now() < suspicious_until_.load(); }
  std::size_t in_flight() const { return in_flight_[0] + in_flight_[1]; }
  void listen_to_refusals(bool listen);
  void look_into_silence();
  void look_into_overtaken();
  void tell_stuck(Stuck stuck);
  void tell_unstuck();
  void hand_off_outcomes();
  void flush();
  void end_client();
  Error unreachable(const std::string& without_reason) const;
  void lose(Error error);
  void purge();
  bool stopping() const { return stopping_.load(); }

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t* client, int code, const char* text, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
  void delivered(const rd_kafka_message_t& message);
  Outcome outcome_of(KafkaTopic& topic, const rd_kafka_message_t& message, bool alone);
  void learn_times();
  void take_back_queue();
  void failed(rd_kafka_resp_err_t code, std::string_view text);

  const KafkaSettings settings_;
  const std::shared_ptr<KafkaProducerListener> listener_;

  // Written by the thread before `connected` and once it ends, read by the io thread between.
  rd_kafka_t* client_ = nullptr;
  rd_kafka_queue_t* reports_ = nullptr;

  // The io thread's, until it stops or closes. librdkafka refers to what is in it.
  std::unordered_map<std::string, KafkaTopic, TextHash, std::equal_to<>> topics_;

  std::atomic<bool> stopping_ = false;
  std::atomic<Clock::time_point> close_at_{Clock::time_point{}};  // none: not closing
  // Records of all topics, by the stretch in which they were sent. A new one begins with the end of a connection; what
  // the one before it has left was in flight then.
  std::array<std::atomic<std::size_t>, 2> in_flight_{};
  std::atomic<std::size_t> stretch_ = 0;
  std::atomic<Clock::time_point> suspicious_until_{Clock::time_point{}};  // for a while after each probe
  std::atomic<bool> is_probe_due_ = false;
  BrokerConnections connections_;
  FlightAges ages_;
  SentTimes sent_times_;
  BrokerTroubles troubles_;
  ProduceRefusals refusals_;
  std::atomic<bool> is_topic_missing_ = false;  // one of create_topics

  // The thread's own.
  std::vector<OutcomeQueue::Entry> outcomes_;  // reported since they were last handed off
  // Largest distance from the present of a rejected timestamp of the same reports.
  std::map<KafkaTopic*, RecordTimes::Milliseconds> rejected_times_;
  bool takes_back_queue_ = false;
  bool lost_ = false;
  ReachedCluster cluster_;  // as it was told last
  Clock::time_point topics_created_at_{};
  std::set<std::string> topics_not_created_;  // told already
  bool is_silence_looked_into_ = false;
  bool answers_in_silence_ = false;  // a broker did, to a question
  int log_level_ = 0;                // librdkafka's
  bool listens_ = false;             // to its debug log
  Clock::time_point listens_since_{};
  Clock::time_point cluster_asked_at_{};
  Stuck stuck_;  // as it was told
  Clock::time_point stuck_told_at_{};
  Clock::time_point acknowledged_at_{};
  std::optional<OauthRefresh> oauth_;  // with OAUTHBEARER
  std::optional<Error> rejection_;     // trying again with the same credentials would be rejected again
  std::optional<Clock::time_point> unreachable_since_;
  std::string stretch_begun_by_;   // the broker whose connection ended
  Clock::time_point progress_at_;  // the last report, or the last time at which none could be expected
};

}  // namespace pbxbridge::sink
