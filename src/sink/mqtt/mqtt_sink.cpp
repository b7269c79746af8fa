#include "sink/mqtt/mqtt_sink.hpp"

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "sink/mqtt/mqtt_connection.hpp"
#include "sink/mqtt/mqtt_description.hpp"
#include "sink/mqtt/mqtt_examination.hpp"
#include "sink/mqtt/mqtt_options.hpp"
#include "sink/mqtt/mqtt_preview.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/mqtt_topic_rules.hpp"
#include "sink/mqtt/native_connection.hpp"
#include "sink/mqtt/paho/paho_connection.hpp"
#include "sink/mqtt/paho/paho_library.hpp"
#include "sink/mqtt/publication.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace pbxbridge::sink {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t birth_token = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t farewell_token = birth_token - 1;

class MqttSink final : public Sink, MqttConnectionObserver {
 public:
  MqttSink(MqttSettings settings, SinkContext context)
      : settings_(std::move(settings)),
        context_(std::move(context)),
        status_topic_(settings_.status_topic(context_.name)),
        timer_(context_.executor),
        window_(settings_.window()),
        publication_(settings_),
        connection_(make_connection()) {}

  void connect() override { connection_->open(); }

  bool deliver(const Delivery& delivery) override {
    const auto qos = static_cast<unsigned>(options_of<MqttOptions>(delivery).qos.value_or(settings_.qos));
    if (!has_room(qos)) {
      blocked_qos_ = qos;
      connection_->request_room(qos);
      return false;
    }
    if (auto problem = publication_.compose(delivery)) {
      post_outcome(delivery.token, Outcome::reject(std::move(*problem)));
      return true;
    }
    if (auto rejection = beyond_limits(publication_.publish())) {
      post_outcome(delivery.token, std::move(*rejection));
      return true;
    }
    connection_->publish(delivery.token, publication_.publish());
    connection_->carries_messages();
    if (qos == 0) unwritten_.push_back(delivery.token);
    return true;
  }

  void close(milliseconds timeout, std::function<void()> closed) override {
    closed_ = std::move(closed);
    if (phase_ != Phase::connected) {
      phase_ = Phase::ended;
      boost::asio::post(context_.executor, lifetime_.guard([this] { finish(); }));
      return;
    }
    phase_ = Phase::draining;
    const auto for_farewell = std::min<milliseconds>(timeout / 4, std::chrono::seconds(1));
    timer_.after(timeout - for_farewell, [this, for_farewell] {
      timer_.after(for_farewell, [this] { finish(); });
      say_farewell();
    });
    if (in_flight() == 0) say_farewell();
  }

  bool probe() override {
    is_probing_ = true;
    connection_->probe();
    return true;
  }

  std::size_t window() const override { return window_; }

 private:
  enum class Phase : std::uint8_t { connecting, connected, draining, farewell, ended };

  std::unique_ptr<MqttConnection> make_connection();
  std::size_t in_flight() const { return connection_->in_flight() + unwritten_.size() + posted_outcomes_; }
  bool has_room(unsigned qos) const { return in_flight() < window_ && connection_->has_room(qos); }
  std::optional<Outcome> beyond_limits(const mqtt::Publish& publish) const;
  void connection_made() override;
  void connection_lost(Error error) override;
  void message_outcome(std::uint64_t token, Outcome outcome) override;
  void messages_written() override;
  void room_made() override;
  void connection_closed() override { finish(); }
  void probe_answered() override {
    if (std::exchange(is_probing_, false) && phase_ == Phase::connected) context_.observer.alive();
  }
  void notice(std::string text) override { context_.observer.notice(std::move(text)); }
  void post_outcome(std::uint64_t token, Outcome outcome);
  std::string untaken_status(const std::string& reason) const {
    return "the broker does not take the status topic " + status_topic_ + ": " + reason;
  }
  bool publish_status(std::uint64_t token, std::string_view text);
  void watch_acknowledgements();
  void say_farewell();
  void finish();

  const MqttSettings settings_;
  const SinkContext context_;
  const std::string status_topic_;
  async::LatestTimer timer_;  // connected: watches acknowledgements; closing: the deadline
  Phase phase_ = Phase::connecting;
  std::size_t window_;
  bool is_probing_ = false;
  std::optional<unsigned> blocked_qos_;  // `deliver` returned false for it, and `writable` is owed
  Publication publication_;
  std::vector<std::uint64_t> unwritten_;  // tokens of QoS 0, delivered when they are with the kernel
  std::uint32_t unwritten_age_ = 0;       // in ticks, of the oldest of them
  std::size_t posted_outcomes_ = 0;
  std::function<void()> closed_;
  async::Lifetime lifetime_;
  const std::unique_ptr<MqttConnection> connection_;
};

std::unique_ptr<MqttConnection> MqttSink::make_connection() {
  MqttConnectionObserver& observer = *this;
  if (settings_.client == MqttClient::paho)
    return std::make_unique<PahoConnection>(settings_, status_topic_, context_.executor, observer);
  return std::make_unique<NativeConnection>(settings_, status_topic_, context_.executor, observer);
}

/// A broker's missing feature is no fault of an event: the events of a route that asks for it wait until it is
/// changed.
std::optional<Outcome> MqttSink::beyond_limits(const mqtt::Publish& publish) const {
  if (auto problem = beyond_size(publish, settings_, connection_->limits().maximum_packet_size))
    return Outcome::reject(std::move(*problem));
  if (auto problem = connection_->beyond_service(publish.qos, publish.retain))
    return Outcome::retry("the route asks for what the broker does not do: " + *problem);
  return std::nullopt;
}

void MqttSink::connection_made() {
  if (phase_ != Phase::connecting) return;
  if (auto error = connection_->unserved()) return connection_lost(std::move(*error));
  phase_ = Phase::connected;
  window_ = connection_->window();
  if (!status_topic_.empty()) publish_status(birth_token, "online");
  watch_acknowledgements();
  context_.observer.connected(fmt::format("{}, MQTT {}, client id {}, {} in flight at the most", connection_->broker(),
                                          to_string(settings_.version), connection_->client_id(), window_));
}

void MqttSink::connection_lost(Error error) {
  if (phase_ == Phase::ended) return;
  if (closed_) return finish();
  phase_ = Phase::ended;
  timer_.cancel();
  context_.observer.connection_lost(std::move(error));
}

void MqttSink::message_outcome(std::uint64_t token, Outcome outcome) {
  if (phase_ == Phase::ended) return;
  if (token == farewell_token) return connection_->disconnect();
  if (token == birth_token) {
    if (outcome.kind != Outcome::Kind::delivered && !closed_)
      context_.observer.notice(untaken_status(outcome.reason), std::move(outcome.peer_words));
    return;
  }
  context_.observer.outcome(token, std::move(outcome));
}

void MqttSink::messages_written() {
  unwritten_age_ = 0;
  const auto watch = lifetime_.watch();
  for (const std::uint64_t token : std::exchange(unwritten_, {})) {
    context_.observer.outcome(token, Outcome::delivered());
    if (watch.is_over() || phase_ == Phase::ended) return;
  }
  room_made();
}

/// Out of the call, which is in the middle of handing this delivery over.
void MqttSink::post_outcome(std::uint64_t token, Outcome outcome) {
  ++posted_outcomes_;
  boost::asio::post(context_.executor, lifetime_.guard([this, token, outcome = std::move(outcome)]() mutable {
    --posted_outcomes_;
    const auto watch = lifetime_.watch();
    message_outcome(token, std::move(outcome));
    if (!watch.is_over()) room_made();
  }));
}

void MqttSink::room_made() {
  if (phase_ == Phase::draining && in_flight() == 0) return say_farewell();
  if (!blocked_qos_) return;
  if (!has_room(*blocked_qos_)) return connection_->request_room(*blocked_qos_);
  blocked_qos_.reset();
  context_.observer.writable();
}

/// False where it cannot be published. With QoS 2 it is the message that shows what the broker makes of it.
bool MqttSink::publish_status(std::uint64_t token, std::string_view text) {
  mqtt::Publish status;
  status.topic = status_topic_;
  status.payload = text;
  status.qos = std::min(settings_.status_qos(), connection_->maximum_qos());
  status.retain = connection_->takes_retained();
  if (const auto problem = beyond_limits(status)) {
    if (token == birth_token) context_.observer.notice(untaken_status(problem->reason));
    return false;
  }
  if (!connection_->has_room(status.qos)) return false;
  connection_->publish(token, status);
  return true;
}

/// A broker that takes messages and answers nothing, as one behind a broken network or a frozen one does. Time is
/// counted in ticks of this timer, so that a process that was stopped for a while hears what has come meanwhile first.
void MqttSink::watch_acknowledgements() {
  const auto tick = std::min<milliseconds>(settings_.ack_timeout / 4, std::chrono::seconds(1));
  timer_.after(tick, [this, tick] {
    connection_->tick();
    if (!unwritten_.empty()) ++unwritten_age_;
    const auto age = std::max(connection_->oldest_age(), unwritten_age_);
    if (tick * age <= settings_.ack_timeout) return watch_acknowledgements();
    connection_->abandon({ErrorCategory::network, fmt::format("{} has not acknowledged a message for {} ms",
                                                              connection_->broker(), settings_.ack_timeout.count())});
  });
}

/// If `offline` cannot be published, the connection ends without a DISCONNECT, and the broker publishes it: the will.
void MqttSink::say_farewell() {
  if (phase_ != Phase::draining) return;
  phase_ = Phase::farewell;
  if (status_topic_.empty()) return connection_->disconnect();
  if (!publish_status(farewell_token, "offline")) return finish();
  if (connection_->maximum_qos() == 0) connection_->disconnect();
}

void MqttSink::finish() {
  phase_ = Phase::ended;
  timer_.cancel();
  if (const auto closed = std::exchange(closed_, nullptr)) closed();
}

}  // namespace

const SinkType mqtt_sink_type{
    .name = "mqtt",
    .text = "Messages on an MQTT broker, version 5 or 3.1.1.",
    .topics = mqtt_topic_rules,
    .schema = &config::schema_of<MqttSettings>,
    .read = &read_settings<MqttSettings>,
    .make = &make_sink<MqttSink, MqttSettings>,
    .options_schema = &config::schema_of<MqttOptions>,
    .read_options = &MqttOptions::read,
    .compose =
        [](const SinkSettings& settings, const Delivery& delivery) {
          return compose_publish(static_cast<const MqttSettings&>(settings), delivery);
        },
    .describe = [](const SinkSettings& settings,
                   const std::string& sink) { return describe_mqtt(static_cast<const MqttSettings&>(settings), sink); },
    .examine = [](const SinkSettings& settings, const SinkExamination& asked,
                  Findings& findings) { examine_mqtt(static_cast<const MqttSettings&>(settings), asked, findings); },
    .before_threads = &clear_environment_for_paho,
};

}  // namespace pbxbridge::sink
