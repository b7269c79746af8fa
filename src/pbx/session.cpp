#include "pbx/session.hpp"

#include "async/latest_timer.hpp"
#include "pbx/read_pause.hpp"
#include "pbx/read_secrets.hpp"
#include "pbx/rest_client.hpp"
#include "pbx/session_machine.hpp"
#include "pbx/status_notes.hpp"
#include "pbx/stream_settings.hpp"
#include "text/peer_words.hpp"
#include "url/endpoint.hpp"
#include "websocket/frame.hpp"
#include "websocket/stream.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace pbxbridge::pbx {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_close_reason = 200;

/// A close frame has room for no more words; a peer that cuts them may leave out the bytes of a whole character.
text::Ending ending_of(std::string_view close_reason) {
  constexpr std::size_t largest_reason = websocket::max_control_bytes - sizeof(websocket::CloseCode);
  constexpr std::size_t longest_character = 4;
  return close_reason.size() + longest_character > largest_reason ? text::Ending::cut_off : text::Ending::not_known;
}

/// Puts the reason of the peer's close frame into the text.
Error with_close_reason(Error error) {
  const std::string reason = text::peer_log_text(error.peer_words, longest_close_reason, ending_of(error.peer_words));
  if (!reason.empty()) error.text += fmt::format(" ({})", reason);
  return error;
}

}  // namespace

/// Executes what the machine decides, and tells it what happens.
class Session::Runner final : public websocket::StreamListener, public std::enable_shared_from_this<Session::Runner> {
 public:
  Runner(boost::asio::io_context& io, config::PbxConfig config, EventReceiver& receiver, observe::Log& log,
         SessionMetrics& metrics, std::chrono::milliseconds max_pause)
      : io_(io),
        config_(std::move(config)),
        receiver_(receiver),
        log_(log),
        metrics_(metrics),
        machine_(config_),
        read_pause_(io, max_pause, "pbx " + config_.name, log, metrics.paused_seconds,
                    [this](bool paused) { set_reading_paused(paused); }) {
    timers_.reserve(timer_count);
    for (std::size_t index = 0; index < timer_count; ++index)
      timers_.push_back({async::LatestTimer(io.get_executor())});
  }

  /// An input in a turn of its own: a caller may be inside `receive`, where the machine's list is being worked on.
  template <class Input>
  void post(Input input) {
    boost::asio::post(io_, [self = shared_from_this(), input = std::move(input)] {
      if (!self->abandoned_) self->perform(input(self->machine_));
    });
  }

  void start() {
    report_status();
    post([](SessionMachine& machine) -> const Actions& { return machine.start(); });
  }

  void stop(std::function<void()> stopped) {
    boost::asio::post(io_, [self = shared_from_this(), stopped = std::move(stopped)]() mutable {
      if (self->abandoned_) return;
      if (self->is_stopped_) {
        stopped();
        return;
      }
      self->stop_handlers_.push_back(std::move(stopped));
      self->read_pause_.stop();
      self->perform(self->machine_.stop());
    });
  }

  void update_subscriptions(std::vector<config::SubscribeConfig> subscribe) {
    post([subscribe = std::move(subscribe)](SessionMachine& machine) -> const Actions& {
      return machine.update_subscriptions(subscribe);
    });
  }

  void ask_for_snapshots() {
    post([](SessionMachine& machine) -> const Actions& { return machine.ask_for_snapshots(); });
  }

  void ask_for_queues(event::QueueNames queues) {
    post([queues = std::move(queues)](SessionMachine& machine) -> const Actions& {
      return machine.ask_for_queues(queues);
    });
  }

  void ask_for_list(RestList list, std::function<void(const ListedNames&)> listed) {
    if (!config_.rest) return;
    if (!rest_) rest_.emplace(io_, config_);
    rest_->ask(list, [this, list, listed = std::move(listed)](const Result<ListedNames>& names) {
      if (!names) return note_rest_failure(list, names.error().text);
      rest_failures_.erase(list);
      listed(*names);
    });
  }

  void resume() { read_pause_.resume(); }
  void set_max_pause(std::chrono::milliseconds max_pause) { read_pause_.set_longest(max_pause); }
  const SessionStatus& status() const { return status_.status(); }

  void abandon() {
    abandoned_ = true;
    rest_.reset();
    drop_connection();
    for (auto& timer : timers_) timer.timer.cancel();
  }

  void on_progress(std::string phase) override { perform(machine_.progressed(std::move(phase))); }

  void on_open() override {
    perform(machine_.connected(secrets_));
    secrets_ = {};
  }

  void on_text(std::string_view message, SystemTime received_at) override {
    perform(machine_.text_frame(message, received_at));
  }

  void on_binary(std::string_view message, SystemTime received_at) override {
    perform(machine_.binary_frame(message, received_at));
  }

  void on_too_large(std::uint64_t size_bytes) override {
    perform(machine_.message_too_large(size_bytes));
    receiver_.message_dropped(config_.name);
  }

  void on_written() override {}

  void on_closed(const Error& error) override {
    read_pause_.connection_ended();
    connection_.reset();
    secrets_ = {};
    perform(machine_.disconnected(with_close_reason(error)));
  }

 private:
  struct ArmedTimer {
    async::LatestTimer timer;
    config::Duration after{0};
  };

  void perform(const Actions& actions) {
    const auto self = shared_from_this();
    for (const Action& action : actions) {
      if (abandoned_) return;
      std::visit([this](const auto& what) { carry_out(what); }, action);
    }
    // Once for all of them: the reason for a loss comes after the loss.
    if (!abandoned_ && std::exchange(status_changed_, false)) report_status();
  }

  void carry_out(const action::HandOff& event) {
    read_pause_.handed_off(
        receiver_.receive(config_.name, event.message, {event.received_at, event.connection_epoch, event.is_snapshot}));
  }

  void carry_out(const action::Connect&) {
    auto secrets = read_secrets(config_.auth);
    auto endpoint = url::parse_endpoint(config_.url.value);
    if (!secrets || !endpoint) {
      const std::string reason = !endpoint ? "the URL " + endpoint.error().text : secrets.error().text;
      post([reason](SessionMachine& machine) -> const Actions& { return machine.disconnected(reason); });
      return;
    }
    secrets_ = std::move(secrets.value());
    connection_ = websocket::Stream::open(io_.get_executor(), stream_settings(config_, endpoint.value()), *this);
  }

  void carry_out(const action::SendText& message) {
    if (connection_) connection_->send_text(message.text);
  }
  void carry_out(const action::SendPing&) {
    if (connection_) connection_->ping();
  }
  void carry_out(const action::Close&) {
    if (connection_) connection_->start_closing_handshake();
  }
  void carry_out(const action::Abort&) { drop_connection(); }
  void carry_out(const action::ArmTimer& order) { arm(order.timer, order.after); }
  void carry_out(const action::CancelTimer& order) { timers_[static_cast<std::size_t>(order.timer)].timer.cancel(); }
  void carry_out(const action::WriteLog& order) {
    log_.write(order.line);
    if (order.failure.empty()) return;
    status_.set_failure(order.failure, now());
    status_changed_ = true;
  }

  void carry_out(const action::CountUp& order) {
    switch (order.what) {
      case SessionCount::connection:
        metrics_.connections.add();
        break;
      case SessionCount::reconnect:
        metrics_.reconnects.add();
        break;
      case SessionCount::connection_failure:
        metrics_.connection_failures.add();
        break;
      case SessionCount::auth_rejection:
        metrics_.auth_rejections.add();
        status_.set_account_rejected();
        break;
      case SessionCount::event_too_large:
        metrics_.events_too_large.add();
        break;
    }
  }

  void carry_out(const action::SetAuthenticated& order) {
    metrics_.authenticated.set(order.authenticated ? 1 : 0);
    status_.set_authenticated(order.authenticated, order.connection_epoch, now());
  }
  void carry_out(const action::SetSubscribed& order) {
    const SystemTime at = now();
    status_.set_subscribed(order.subscribed, at);
    receiver_.subscribed(config_.name, order.subscribed, at);
    status_changed_ = true;
  }
  void carry_out(const action::SetSnapshotsAsked& order) { receiver_.snapshots_asked(config_.name, order.answered); }
  void carry_out(const action::SetSubscriptions& order) {
    std::array<std::size_t, enum_count<SubscriptionState>> counts{};
    for (const auto& subscription : order.subscriptions) ++counts[static_cast<std::size_t>(subscription.state)];
    for (std::size_t state = 0; state < counts.size(); ++state)
      metrics_.subscriptions[state].set(static_cast<double>(counts[state]));
    status_.set_subscriptions(order.subscriptions, now());
    status_changed_ = true;
  }

  void carry_out(const action::Stopped&) {
    is_stopped_ = true;
    status_.set_stopped(now());
    status_changed_ = true;
    for (auto& stopped : std::exchange(stop_handlers_, {})) boost::asio::post(io_, std::move(stopped));
  }

  /// Logs it once until the reason changes or there is an answer.
  void note_rest_failure(RestList list, const std::string& reason) {
    metrics_.rest_failures.add();
    if (std::exchange(rest_failures_[list], reason) == reason) return;
    const std::string_view follows = list == RestList::sessions ? "are closed after state.orphan_after" : "stay";
    log_.write(observe::log_code::pbx_rest_failed, "pbx " + config_.name,
               fmt::format("the REST interface at {} did not list the {}: {}; those of which nothing is heard {}",
                           url::authority(url::parse_endpoint(config_.rest->url.value).value()), what_it_lists(list),
                           reason, follows));
  }

  void report_status() { receiver_.status_changed(config_.name, status_.status()); }

  static SystemTime now() { return std::chrono::system_clock::now(); }

  void arm(Timer timer, config::Duration after) {
    timers_[static_cast<std::size_t>(timer)].after = after;
    wait(timer, after);
  }

  void wait(Timer timer, Clock::duration duration) {
    timers_[static_cast<std::size_t>(timer)].timer.after(duration, [this, timer] { expired(timer); });
  }

  void expired(Timer timer) {
    const ArmedTimer& armed = timers_[static_cast<std::size_t>(timer)];
    if (timer == Timer::peer_silence && connection_) {
      const auto left = connection_->last_heard() + armed.after - Clock::now();
      if (left > Clock::duration::zero()) {
        wait(timer, left);
        return;
      }
    }
    perform(machine_.timer_fired(timer));
  }

  void set_reading_paused(bool paused) {
    if (!connection_) return;
    if (paused)
      connection_->pause_reading();
    else
      connection_->resume_reading();
  }

  void drop_connection() {
    read_pause_.connection_ended();
    if (connection_) std::exchange(connection_, nullptr)->abort();
    secrets_ = {};
  }

  boost::asio::io_context& io_;
  const config::PbxConfig config_;
  EventReceiver& receiver_;
  observe::Log& log_;
  SessionMetrics& metrics_;
  SessionMachine machine_;
  StatusNotes status_{now()};
  bool status_changed_ = false;
  ReadPause read_pause_;
  std::optional<RestClient> rest_;
  std::map<RestList, std::string> rest_failures_;  // said already
  std::shared_ptr<websocket::Stream> connection_;
  Secrets secrets_;                 // secrets of the present attempt
  std::vector<ArmedTimer> timers_;  // by Timer
  std::vector<std::function<void()>> stop_handlers_;
  bool is_stopped_ = false;
  bool abandoned_ = false;
};

Session::Session(boost::asio::io_context& io, config::PbxConfig config, EventReceiver& receiver, observe::Log& log,
                 SessionMetrics& metrics, std::chrono::milliseconds max_pause)
    : runner_(std::make_shared<Runner>(io, std::move(config), receiver, log, metrics, max_pause)) {}

Session::~Session() { runner_->abandon(); }

void Session::start() { runner_->start(); }
void Session::resume() { runner_->resume(); }
void Session::set_max_pause(std::chrono::milliseconds max_pause) { runner_->set_max_pause(max_pause); }
const SessionStatus& Session::status() const { return runner_->status(); }
void Session::stop(std::function<void()> stopped) { runner_->stop(std::move(stopped)); }
void Session::update_subscriptions(std::vector<config::SubscribeConfig> subscribe) {
  runner_->update_subscriptions(std::move(subscribe));
}
void Session::ask_for_snapshots() { runner_->ask_for_snapshots(); }
void Session::ask_for_queues(event::QueueNames queues) { runner_->ask_for_queues(std::move(queues)); }
void Session::ask_for_list(RestList list, std::function<void(const ListedNames&)> listed) {
  runner_->ask_for_list(list, std::move(listed));
}

}  // namespace pbxbridge::pbx
