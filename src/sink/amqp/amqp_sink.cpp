#include "sink/amqp/amqp_sink.hpp"

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "sink/amqp/amqp_description.hpp"
#include "sink/amqp/amqp_examination.hpp"
#include "sink/amqp/amqp_message.hpp"
#include "sink/amqp/amqp_session.hpp"
#include "sink/amqp/amqp_settings.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <memory>
#include <utility>

namespace pbxbridge::sink {
namespace {

using std::chrono::milliseconds;

class AmqpSink final : public Sink {
 public:
  AmqpSink(const AmqpSettings& settings, SinkContext context)
      : settings_(settings),
        context_(std::move(context)),
        timer_(context_.executor),
        outcomes_(std::make_shared<OutcomeQueue>(context_.executor, [this](std::uint64_t token, Outcome outcome) {
          take_outcome(token, std::move(outcome));
        })) {}

  ~AmqpSink() override { end(); }

  void connect() override {
    session_ = std::make_shared<AmqpSession>(settings_, "pbxbridge " + context_.name, outcomes_, handlers());
    // Name resolution alone may take longer than its own limits.
    timer_.after(settings_.connect_timeout, [this] {
      lost({.category = ErrorCategory::network,
            .text = fmt::format("no connection to {} within {} ms", broker(), settings_.connect_timeout.count())});
    });
    session_->start();
  }

  bool deliver(const Delivery& delivery) override {
    if (in_flight_ >= settings_.window) {
      owes_writable_ = true;
      return false;
    }
    const auto& options = options_of<AmqpOptions>(delivery);
    session_->publish({.token = delivery.token,
                       .event = delivery.event,
                       .exchange = options.exchange.value_or(settings_.exchange),
                       .routing_key = delivery.topic,
                       .format = options.format.value_or(settings_.format),
                       .redelivery = delivery.redelivery});
    if (in_flight_++ == 0) watch_confirms();
    return true;
  }

  void flush() override { session_->flush(); }

  void close(milliseconds timeout, std::function<void()> closed) override {
    closed_ = std::move(closed);
    if (!is_connected_) return post([this] { finish(); });
    timer_.after(timeout, [this] { finish(); });
    session_->flush();
    if (in_flight_ == 0) session_->leave();
  }

  bool probe() override {
    session_->probe();
    return true;
  }

  std::size_t window() const override { return settings_.window; }
  std::size_t largest_payload() const override {
    return settings_.message_size ? settings_.message_size->bytes : std::numeric_limits<std::size_t>::max();
  }

 private:
  std::string broker() const { return url::authority(settings_.endpoint()); }

  template <class Action>
  void post(Action action) {
    boost::asio::post(context_.executor, lifetime_.guard(std::move(action)));
  }

  /// Brings a call of the session's thread to the io thread.
  template <class... Arguments>
  auto on_io_thread(void (AmqpSink::*action)(Arguments...)) {
    return [executor = context_.executor, guarded = lifetime_.guard([this, action](Arguments... arguments) {
      if (!is_over_) (this->*action)(std::move(arguments)...);
    })](Arguments... arguments) {
      boost::asio::post(
          executor, [guarded, ... arguments = std::move(arguments)]() mutable { guarded(std::move(arguments)...); });
    };
  }

  AmqpSession::Handlers handlers() {
    return {.connected = on_io_thread(&AmqpSink::connected),
            .lost = on_io_thread(&AmqpSink::lost),
            .blocked = on_io_thread(&AmqpSink::blocked),
            .alive = on_io_thread(&AmqpSink::alive),
            .left = on_io_thread(&AmqpSink::finish)};
  }

  void connected(std::string detail) {
    if (closed_) return;
    is_connected_ = true;
    timer_.cancel();
    context_.observer.connected(std::move(detail));
  }

  void lost(Error error) {
    if (closed_) return finish();
    end();
    context_.observer.connection_lost(std::move(error));
  }

  void blocked(bool is_blocked, std::string reason) {
    is_blocked_ = is_blocked;
    if (is_blocked)
      context_.observer.notice(fmt::format("{} takes no messages for now; events wait in the spool", broker()),
                               std::move(reason));
    else if (in_flight_ > 0)
      watch_confirms();
  }

  void alive() {
    if (!closed_) context_.observer.alive();
  }

  void take_outcome(std::uint64_t token, Outcome outcome) {
    --in_flight_;
    is_silent_ = false;
    const auto watch = lifetime_.watch();
    context_.observer.outcome(token, std::move(outcome));
    if (watch.is_over() || is_over_) return;
    if (closed_) {
      if (in_flight_ == 0) session_->leave();
    } else if (std::exchange(owes_writable_, false)) {
      context_.observer.writable();
    }
  }

  /// A broker that is there and confirms nothing of what waits for it.
  void watch_confirms() {
    if (closed_) return;
    is_silent_ = true;
    timer_.after(settings_.ack_timeout, [this] {
      if (in_flight_ == 0 || is_blocked_) return;
      if (!is_silent_) return watch_confirms();
      lost({.category = ErrorCategory::network,
            .text = fmt::format("{} has confirmed nothing for {} ms", broker(), settings_.ack_timeout.count())});
    });
  }

  void finish() {
    const auto closed = std::exchange(closed_, nullptr);
    end();
    if (closed) closed();
  }

  /// Nothing is called back from here on.
  void end() {
    is_over_ = true;
    timer_.cancel();
    outcomes_->stop();
    if (session_) session_->abandon();
  }

  const AmqpSettings settings_;
  const SinkContext context_;
  async::LatestTimer timer_;  // connecting: its limit; connected: watches confirms; closing: the deadline
  const std::shared_ptr<OutcomeQueue> outcomes_;
  std::shared_ptr<AmqpSession> session_;
  std::function<void()> closed_;
  std::size_t in_flight_ = 0;
  bool is_connected_ = false;
  bool is_over_ = false;
  bool is_blocked_ = false;  // by the broker
  bool owes_writable_ = false;
  bool is_silent_ = true;  // no outcome since the timer began
  async::Lifetime lifetime_;
};

/// A routing key is a short string of 255 bytes. `*` and `#` stand for words in the bindings of a topic exchange.
constexpr TopicRules routing_key_rules{
    .characters = AsciiSet::printable().without("*#"),
    .characters_reason = "\"*\" and \"#\" stand for words where a queue is bound to a topic exchange",
    .separator = '.',
    .longest_bytes = 255,
};

ComposedMessage compose_amqp(const AmqpSettings& settings, const Delivery& delivery) {
  constexpr std::size_t usual_frame = 131'072;
  const auto& options = options_of<AmqpOptions>(delivery);
  AmqpMessage message{AttributeSelection(settings.attributes)};
  message.compose(*delivery.event, options.format.value_or(settings.format), delivery.redelivery);
  ComposedMessage composed;
  composed.payload = message.payload();
  composed.headers = message.headers();
  composed.properties = {{"exchange", options.exchange.value_or(settings.exchange)},
                         {"content_type", std::string(message.content_type())},
                         {"message_id", std::string(message.id())}};
  composed.rejected = message.problem(settings.message_size, usual_frame);
  return composed;
}

}  // namespace

const SinkType amqp_sink_type{
    .name = "amqp",
    .text = "Messages to an exchange of a broker with AMQP 0-9-1, such as RabbitMQ.",
    .topics = routing_key_rules,
    .schema = &config::schema_of<AmqpSettings>,
    .read = &read_settings<AmqpSettings>,
    .make = &make_sink<AmqpSink, AmqpSettings>,
    .options_schema = &config::schema_of<AmqpOptions>,
    .read_options = &read_options<AmqpOptions>,
    .compose =
        [](const SinkSettings& settings, const Delivery& delivery) {
          return compose_amqp(static_cast<const AmqpSettings&>(settings), delivery);
        },
    .describe = [](const SinkSettings& settings,
                   const std::string&) { return describe_amqp(static_cast<const AmqpSettings&>(settings)); },
    .examine = [](const SinkSettings& settings, const SinkExamination& asked,
                  Findings& findings) { examine_amqp(static_cast<const AmqpSettings&>(settings), asked, findings); },
};

}  // namespace pbxbridge::sink
