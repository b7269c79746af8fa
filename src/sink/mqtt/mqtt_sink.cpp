#include "sink/mqtt/mqtt_sink.hpp"

#include "sink/mqtt/mqtt_connection.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/publication.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace pbxbridge::sink {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_window = 1000;         // above it paho gets slow
constexpr std::size_t largest_packet = 268'435'460;  // MQTT 5.0, 2.1.4: remaining length of 4 bytes
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
  template <class Function>
  void after(Clock::duration wait, Function function) {
    timer_.expires_after(wait);
    timer_.async_wait([run = while_alive(std::move(function))](boost::system::error_code error) mutable {
      if (!error) run();
    });
  }

 public:
  MqttSink(MqttSettings settings, SinkContext context)
      : settings_(std::move(settings)),
        context_(std::move(context)),
        status_topic_(status_topic(settings_, context_.name)),
        timer_(context_.executor),
        window_(settings_.receive_maximum),
        connection_(settings_, status_topic_, context_.executor, *this) {}

  void connect() override {
    phase_ = Phase::connecting;
    connection_.open();
  }

  bool deliver(const Delivery& delivery) override {
    if (in_flight_.size() >= window_) {
      blocked_ = true;
      return false;
    }
    in_flight_.emplace(delivery.token, Clock::now());
    Publication publication;
    auto problem = compose(delivery, settings_, publication);
    if (!problem) problem = beyond_limits(publication);
    auto outcome = problem ? Outcome::reject(std::move(*problem)) : connection_.publish(delivery.token, publication);
    if (outcome) post_outcome(delivery.token, std::move(*outcome));
    return true;
  }

  void close(std::chrono::milliseconds timeout, std::function<void()> closed) override {
    closed_ = std::move(closed);
    if (phase_ != Phase::connected) {
      phase_ = Phase::ended;
      boost::asio::post(context_.executor, while_alive([this] { finish(); }));
      return;
    }
    phase_ = Phase::draining;
    const auto for_farewell = std::min<std::chrono::milliseconds>(timeout / 4, std::chrono::seconds(1));
    after(timeout - for_farewell, [this, for_farewell] {
      say_farewell();
      after(for_farewell, [this] { finish(); });
    });
    if (in_flight_.empty()) say_farewell();
  }

  std::size_t window() const override { return window_; }

 private:
  enum class Phase : std::uint8_t { connecting, connected, draining, farewell, ended };

  std::optional<std::string> beyond_limits(const Publication& publication) const;
  void connection_made(const BrokerLimits& limits) override;
  void connection_lost(Error error) override;
  void message_outcome(std::uint64_t token, Outcome outcome) override;
  void connection_closed() override { finish(); }
  void post_outcome(std::uint64_t token, Outcome outcome);
  std::optional<Outcome> publish_status(std::uint64_t token, std::string_view text);
  void watch_acknowledgements();
  void say_farewell();
  void finish();

  const MqttSettings settings_;
  const SinkContext context_;
  const std::string status_topic_;
  boost::asio::steady_timer timer_;  // connected: watches acknowledgements; closing: the deadline
  Phase phase_ = Phase::connecting;
  std::size_t window_;
  bool blocked_ = false;  // `deliver` returned false and `writable` is owed
  BrokerLimits limits_;
  std::unordered_map<std::uint64_t, Clock::time_point> in_flight_;  // token, when sent
  std::function<void()> closed_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  MqttConnection connection_;
};

std::optional<std::string> MqttSink::beyond_limits(const Publication& publication) const {
  const std::size_t size = packet_size(publication, settings_.version == MqttVersion::v5);
  const std::size_t limit = limits_.maximum_packet_size.value_or(largest_packet);
  if (size > limit) return fmt::format("packet too large: {} bytes, and the broker takes {}", size, limit);
  if (publication.qos > limits_.maximum_qos.value_or(2))
    return fmt::format("the broker takes QoS {} at the most, and qos is {}", *limits_.maximum_qos, publication.qos);
  if (publication.retain && !limits_.retain_available.value_or(true))
    return "the broker takes no retained messages, and retain is true";
  return std::nullopt;
}

void MqttSink::connection_made(const BrokerLimits& limits) {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::connected;
  limits_ = limits;
  window_ = std::min<std::size_t>(limits.receive_maximum.value_or(settings_.receive_maximum), largest_window);
  if (!status_topic_.empty()) (void)publish_status(birth_token, "online");
  watch_acknowledgements();
  context_.observer.connected(fmt::format("{}, MQTT {}, client id {}, {} in flight at the most", connection_.broker(),
                                          settings_.version == MqttVersion::v5 ? "5" : "3.1.1", connection_.client_id(),
                                          window_));
}

void MqttSink::connection_lost(Error error) {
  if (phase_ == Phase::ended) return;
  if (closed_) return finish();
  phase_ = Phase::ended;
  timer_.cancel();
  context_.observer.connection_lost(std::move(error));
}

void MqttSink::message_outcome(std::uint64_t token, Outcome outcome) {
  if (token == farewell_token) return connection_.disconnect();
  if (token == birth_token) {
    if (outcome.kind != Outcome::Kind::delivered && !closed_)
      context_.observer.notice("the broker did not take the status topic " + status_topic_ + ": " + outcome.reason);
    return;
  }
  if (in_flight_.erase(token) == 0) return;
  const auto alive = std::weak_ptr(alive_);
  context_.observer.outcome(token, std::move(outcome));
  if (!alive.lock()) return;
  if (phase_ == Phase::draining && in_flight_.empty()) return say_farewell();
  if (blocked_ && in_flight_.size() < window_) {
    blocked_ = false;
    context_.observer.writable();
  }
}

void MqttSink::post_outcome(std::uint64_t token, Outcome outcome) {
  boost::asio::post(context_.executor, while_alive([this, token, outcome = std::move(outcome)]() mutable {
                      if (phase_ != Phase::ended) message_outcome(token, std::move(outcome));
                    }));
}

std::optional<Outcome> MqttSink::publish_status(std::uint64_t token, std::string_view text) {
  Publication status;
  status.topic = status_topic_;
  status.payload = text;
  status.qos = std::min(1, limits_.maximum_qos.value_or(1));
  status.retain = true;
  return connection_.publish(token, status);
}

/// A broker that takes messages and answers nothing, as one behind a broken network or a frozen one does.
void MqttSink::watch_acknowledgements() {
  after(std::min<std::chrono::milliseconds>(settings_.ack_timeout / 4, std::chrono::seconds(1)), [this] {
    const auto now = Clock::now();
    const bool late = std::ranges::any_of(
        in_flight_, [&](const auto& message) { return now - message.second > settings_.ack_timeout; });
    if (!late) return watch_acknowledgements();
    connection_lost({ErrorCategory::network, fmt::format("{} has not acknowledged a message for {} ms",
                                                         connection_.broker(), settings_.ack_timeout.count())});
  });
}

void MqttSink::say_farewell() {
  if (phase_ != Phase::draining) return;
  phase_ = Phase::farewell;
  if (status_topic_.empty() || publish_status(farewell_token, "offline")) connection_.disconnect();
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
    .read =
        [](const config::Node& node, config::Report& report) {
          initialize_mqtt_library();
          return config::read_settings<MqttSettings>(node, report);
        },
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
