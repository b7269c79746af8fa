#include "nats_sink.hpp"

#include "nats_session.hpp"
#include "nats_settings.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace nats_sink {

using pbxbridge::Delivery;
using pbxbridge::Error;
using pbxbridge::ErrorCategory;
using pbxbridge::Outcome;

namespace {

class NatsSink final : public pbxbridge::Sink {
 public:
  NatsSink(const NatsSettings& settings, pbxbridge::SinkContext context)
      : settings_(settings),
        context_(std::move(context)),
        self_(std::make_shared<NatsSink*>(this)),
        timer_(context_.executor),
        outcomes_(std::make_shared<pbxbridge::OutcomeQueue>(
            context_.executor,
            [this](std::uint64_t token, Outcome outcome) { take_outcome(token, std::move(outcome)); })) {}

  ~NatsSink() override { end(); }

  void connect() override {
    session_ = std::make_shared<NatsSession>(settings_, "pbxbridge " + context_.name, outcomes_, handlers());
    session_->start();
  }

  bool deliver(const Delivery& delivery) override {
    if (in_flight_ >= settings_.window) {
      owes_writable_ = true;
      return false;
    }
    if (in_flight_++ == 0) watch_acknowledgements();
    const auto format = options_of<pbxbridge::FormatOptions>(delivery).format.value_or(settings_.format);
    session_->publish({delivery.token, delivery.event, delivery.topic, format, delivery.redelivery});
    return true;
  }

  void close(std::chrono::milliseconds timeout, std::function<void()> closed) override {
    closed_ = std::move(closed);
    after(in_flight_ == 0 ? std::chrono::milliseconds(0) : timeout, [this] { finish(); });
  }

  std::size_t window() const override { return settings_.window; }
  std::size_t largest_payload() const override { return largest_payload_; }

 private:
  /// Runs `action` on the io thread, unless the sink has ended meanwhile.
  template <class Action>
  auto on_io_thread(Action action) {
    return [executor = context_.executor, self = self_, action](auto... arguments) {
      boost::asio::post(executor, [self, action, ... arguments = std::move(arguments)]() mutable {
        if (*self != nullptr) action(**self, std::move(arguments)...);
      });
    };
  }

  NatsSession::Handlers handlers() {
    return {.connected = on_io_thread([](NatsSink& sink, std::string detail, std::size_t largest_payload) {
              sink.connected(std::move(detail), largest_payload);
            }),
            .lost = on_io_thread([](NatsSink& sink, Error error) { sink.lost(std::move(error)); })};
  }

  /// Instead of what the timer waited for before, which may be due already and then comes in spite of that.
  template <class Action>
  void after(std::chrono::milliseconds time, Action action) {
    timer_.expires_after(time);
    timer_.async_wait([self = self_, action, wait = ++waits_](boost::system::error_code) {
      if (*self != nullptr && (*self)->waits_ == wait) action();
    });
  }

  void connected(std::string detail, std::size_t largest_payload) {
    if (closed_) return;
    largest_payload_ = largest_payload;
    context_.observer.connected(std::move(detail));
  }

  void lost(Error error) {
    if (closed_) return finish();
    end();
    context_.observer.connection_lost(std::move(error));
  }

  void take_outcome(std::uint64_t token, Outcome outcome) {
    --in_flight_;
    is_silent_ = false;
    const auto self = self_;  // the observer may end this sink from within
    context_.observer.outcome(token, std::move(outcome));
    if (*self == nullptr) return;
    if (closed_ && in_flight_ == 0) return finish();
    if (std::exchange(owes_writable_, false)) context_.observer.writable();
  }

  /// A server that is there and answers nothing. Runs while messages wait for their acknowledgement.
  void watch_acknowledgements() {
    is_silent_ = true;
    after(settings_.ack_timeout, [this] {
      if (in_flight_ == 0 || closed_) return;
      if (is_silent_)
        return lost({.category = ErrorCategory::network,
                     .text = settings_.url + " has acknowledged nothing for " +
                             std::to_string(settings_.ack_timeout.count()) + " ms"});
      watch_acknowledgements();
    });
  }

  void finish() {
    auto closed = std::exchange(closed_, nullptr);
    end();
    if (closed) closed();
  }

  /// Nothing is called back from here on.
  void end() {
    *self_ = nullptr;
    timer_.cancel();
    outcomes_->stop();
    if (session_) session_->abandon();
  }

  const NatsSettings settings_;
  pbxbridge::SinkContext context_;
  std::shared_ptr<NatsSink*> self_;  // null once the end has come: what is still posted finds nobody
  boost::asio::steady_timer timer_;  // connected: watches acknowledgements; closing: the deadline
  std::uint64_t waits_ = 0;          // of the timer, so far
  std::shared_ptr<pbxbridge::OutcomeQueue> outcomes_;
  std::shared_ptr<NatsSession> session_;
  std::function<void()> closed_;
  std::size_t largest_payload_ = std::numeric_limits<std::size_t>::max();
  std::size_t in_flight_ = 0;
  bool owes_writable_ = false;
  bool is_silent_ = true;  // no outcome since the timer began
};

/// Subjects have tokens between dots; `*` and `>` are wildcards, and blanks part the words of the protocol
/// (https://docs.nats.io/nats-concepts/subjects). Subjects that begin with `$` are the server's own.
constexpr pbxbridge::TopicRules subject_rules{
    .characters = pbxbridge::AsciiSet::printable().without(" *>"),
    .characters_reason = "no message can be published under a NATS subject with blanks or wildcards",
    .separator = '.',
    .has_empty_levels = false,
    .reserved_beginnings = pbxbridge::AsciiSet("$"),
    .longest_bytes = 1'024,  // a line of the protocol has 4,096 bytes for subject, reply and sizes
};

}  // namespace

namespace {

/// Without an account that the URL may hold: the document is for everybody.
pbxbridge::SinkDescription describe_nats(const NatsSettings& settings) {
  constexpr std::string_view default_port = ":4222";
  std::string host = settings.url.substr(settings.url.find("://") + 3);
  host.erase(0, host.rfind('@') + 1);  // nothing where there is none
  host = host.substr(0, host.find('/'));
  if (host.find(':', host.find(']') + 1) == std::string::npos) host += default_port;
  return {.bindings = "nats",
          .servers = {{.host = std::move(host),
                       .protocol = "nats",
                       .protocol_version = {},
                       .path = {},
                       .security = settings.username.empty() ? "" : "userPassword"}},
          .own_topics = {}};
}

}  // namespace

const pbxbridge::SinkType nats_sink_type{
    .name = "nats",
    .text = "A stream of NATS JetStream.",
    .topics = subject_rules,
    .schema = &pbxbridge::config::schema_of<NatsSettings>,
    .read = &pbxbridge::read_settings<NatsSettings>,
    .make = &pbxbridge::make_sink<NatsSink, NatsSettings>,
    .options_schema = &pbxbridge::config::schema_of<pbxbridge::FormatOptions>,
    .read_options = &pbxbridge::read_options<pbxbridge::FormatOptions>,
    .describe = [](const pbxbridge::SinkSettings& settings,
                   const std::string&) { return describe_nats(static_cast<const NatsSettings&>(settings)); },
};

}  // namespace nats_sink
