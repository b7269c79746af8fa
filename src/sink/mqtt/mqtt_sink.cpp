#include "sink/mqtt/mqtt_sink.hpp"

#include "sink/mqtt/latest_timer.hpp"
#include "sink/mqtt/mqtt_connection.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/publication.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace pbxbridge::sink {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t birth_token = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t farewell_token = birth_token - 1;

std::string status_topic(const MqttSettings& settings, const std::string& name) {
  std::string prefix = settings.prefix.value_or("pbxbridge/" + name);
  if (prefix.empty()) return {};
  std::ranges::replace_if(
      prefix, [](char letter) { return letter == '+' || letter == '#'; }, '_');
  return prefix + "/status";
}

class MqttSink final : public Sink, MqttConnectionObserver {
  /// Keeps back what an object that is gone had asked for.
  template <class Function>
  auto while_alive(Function function) {
    return [alive = std::weak_ptr(alive_), function = std::move(function)]() mutable {
      if (alive.lock()) function();
    };
  }

 public:
  MqttSink(MqttSettings settings, SinkContext context)
      : settings_(std::move(settings)),
        context_(std::move(context)),
        status_topic_(status_topic(settings_, context_.name)),
        timer_(context_.executor),
        window_(settings_.window()),
        publication_(settings_),
        connection_(settings_, status_topic_, context_.executor, *this) {}

  void connect() override { connection_.open(); }

  bool deliver(const Delivery& delivery) override {
    const auto qos = static_cast<unsigned>(delivery.options->qos.value_or(settings_.qos));
    if (!has_room(qos)) {
      blocked_qos_ = qos;
      return false;
    }
    auto problem = publication_.compose(delivery);
    if (!problem) problem = beyond_limits(publication_.publish());
    if (problem) {
      post_rejection(delivery.token, std::move(*problem));
      return true;
    }
    connection_.publish(delivery.token, publication_.publish());
    if (qos == 0) unwritten_.push_back(delivery.token);
    return true;
  }

  void close(milliseconds timeout, std::function<void()> closed) override {
    closed_ = std::move(closed);
    if (phase_ != Phase::connected) {
      phase_ = Phase::ended;
      boost::asio::post(context_.executor, while_alive([this] { finish(); }));
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

  std::size_t window() const override { return window_; }

 private:
  enum class Phase : std::uint8_t { connecting, connected, draining, farewell, ended };

  std::size_t in_flight() const { return connection_.in_flight() + unwritten_.size() + rejections_; }
  bool has_room(unsigned qos) const { return in_flight() < window_ && connection_.has_room(qos); }
  std::optional<std::string> beyond_limits(const mqtt::Publish& publish) const;
  void connection_made() override;
  void connection_lost(Error error) override;
  void message_outcome(std::uint64_t token, Outcome outcome) override;
  void messages_written() override;
  void room_made() override;
  void connection_closed() override { finish(); }
  void post_rejection(std::uint64_t token, std::string reason);
  bool publish_status(std::uint64_t token, std::string_view text);
  void watch_acknowledgements();
  void say_farewell();
  void finish();

  const MqttSettings settings_;
  const SinkContext context_;
  const std::string status_topic_;
  LatestTimer timer_;  // connected: watches acknowledgements; closing: the deadline
  Phase phase_ = Phase::connecting;
  std::size_t window_;
  std::optional<unsigned> blocked_qos_;  // `deliver` returned false for it, and `writable` is owed
  Publication publication_;
  std::vector<std::uint64_t> unwritten_;  // tokens of QoS 0, delivered when they are with the kernel
  std::uint32_t unwritten_age_ = 0;       // in ticks, of the oldest of them
  std::size_t rejections_ = 0;            // posted
  std::function<void()> closed_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  MqttConnection connection_;
};

std::optional<std::string> MqttSink::beyond_limits(const mqtt::Publish& publish) const {
  if (std::max(publish.topic.size(), publish.content_type.size()) > mqtt::largest_string)
    return "its topic or content type is longer than the 65,535 bytes that MQTT allows";
  const mqtt::Connack& limits = connection_.limits();
  const std::size_t size = packet_size(publish, settings_.version);
  const std::size_t limit = std::min(limits.maximum_packet_size, mqtt::largest_packet);
  if (size > limit) return fmt::format("packet too large: {} bytes, and the broker takes {}", size, limit);
  if (publish.qos > limits.maximum_qos)
    return fmt::format("the broker takes QoS {} at the most, and qos is {}", limits.maximum_qos, publish.qos);
  if (publish.retain && !limits.retain_available) return "the broker takes no retained messages, and retain is true";
  return std::nullopt;
}

void MqttSink::connection_made() {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::connected;
  window_ = connection_.window();
  if (!status_topic_.empty()) publish_status(birth_token, "online");
  watch_acknowledgements();
  context_.observer.connected(fmt::format("{}, MQTT {}, client id {}, {} in flight at the most", connection_.broker(),
                                          settings_.version == mqtt::Version::v5 ? "5" : "3.1.1",
                                          connection_.client_id(), window_));
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
  if (token == farewell_token) return connection_.disconnect();
  if (token == birth_token) {
    if (outcome.kind != Outcome::Kind::delivered && !closed_)
      context_.observer.notice("the broker did not take the status topic " + status_topic_ + ": " + outcome.reason);
    return;
  }
  context_.observer.outcome(token, std::move(outcome));
}

void MqttSink::messages_written() {
  unwritten_age_ = 0;
  const auto alive = std::weak_ptr(alive_);
  for (const std::uint64_t token : std::exchange(unwritten_, {})) {
    context_.observer.outcome(token, Outcome::delivered());
    if (alive.expired() || phase_ == Phase::ended) return;
  }
  room_made();
}

/// Out of the call, which is in the middle of handing this delivery over.
void MqttSink::post_rejection(std::uint64_t token, std::string reason) {
  ++rejections_;
  boost::asio::post(context_.executor, while_alive([this, token, reason = std::move(reason)]() mutable {
                      --rejections_;
                      const auto alive = std::weak_ptr(alive_);
                      message_outcome(token, Outcome::reject(std::move(reason)));
                      if (!alive.expired()) room_made();
                    }));
}

void MqttSink::room_made() {
  if (phase_ == Phase::draining && in_flight() == 0) return say_farewell();
  if (!blocked_qos_ || !has_room(*blocked_qos_)) return;
  blocked_qos_.reset();
  context_.observer.writable();
}

/// False where there is no room for it.
bool MqttSink::publish_status(std::uint64_t token, std::string_view text) {
  mqtt::Publish status;
  status.topic = status_topic_;
  status.payload = text;
  status.qos = std::min(1U, connection_.limits().maximum_qos);
  if (!connection_.has_room(status.qos)) return false;
  status.retain = connection_.limits().retain_available;
  connection_.publish(token, status);
  return true;
}

/// A broker that takes messages and answers nothing, as one behind a broken network or a frozen one does. Time is
/// counted in ticks of this timer, so that a process that was stopped for a while hears what has come meanwhile first.
void MqttSink::watch_acknowledgements() {
  const auto tick = std::min<milliseconds>(settings_.ack_timeout / 4, std::chrono::seconds(1));
  timer_.after(tick, [this, tick] {
    connection_.tick();
    if (!unwritten_.empty()) ++unwritten_age_;
    const auto age = std::max(connection_.oldest_age(), unwritten_age_);
    if (tick * age <= settings_.ack_timeout) return watch_acknowledgements();
    connection_lost({ErrorCategory::network, fmt::format("{} has not acknowledged a message for {} ms",
                                                         connection_.broker(), settings_.ack_timeout.count())});
  });
}

/// Where it cannot be said, the connection ends without a good-bye, and the broker says it: by the will.
void MqttSink::say_farewell() {
  if (phase_ != Phase::draining) return;
  phase_ = Phase::farewell;
  if (status_topic_.empty()) return connection_.disconnect();
  if (!publish_status(farewell_token, "offline")) return finish();
  if (connection_.limits().maximum_qos == 0) connection_.disconnect();
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
    .topic_syntax = TopicSyntax::mqtt,
    .schema = []() -> const config::SchemaBase& { return MqttSettings::schema(); },
    .read = [](const config::Node& node,
               config::Report& report) { return config::read_settings<MqttSettings>(node, report); },
    .make = [](const config::SinkSettings& settings, SinkContext context) -> std::unique_ptr<Sink> {
      return std::make_unique<MqttSink>(dynamic_cast<const MqttSettings&>(settings), std::move(context));
    },
    .check_options =
        [](const DeliveryOptions& options, const config::SinkSettings& settings, const config::Location& destination,
           config::Report& report) {
          dynamic_cast<const MqttSettings&>(settings).check_options(options, destination, report);
        },
};

}  // namespace pbxbridge::sink
