#include "pbx/session_machine.hpp"

#include "pbx/subscription_plan.hpp"
#include "text/secrets.hpp"
#include "url/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::pbx {
namespace {

namespace code = observe::log_code;
using config::Duration;

/// The PBX documents no answer to an unsubscribe, so a stop waits for one no longer than this.
constexpr Duration farewell_time{500};
/// Endings in a row in place of an answer to `auth` that are taken for a network's mishap.
constexpr unsigned patience_with_auth = 3;

std::string in_milliseconds(Duration duration) { return std::to_string(duration.count()); }

std::string peer_name(const std::string& url) {
  const auto endpoint = url::parse_endpoint(url);
  if (!endpoint) return "the PBX";
  return endpoint->scheme + "://" + url::authority(*endpoint) + endpoint->target.substr(0, endpoint->target.find('?'));
}

}  // namespace

SessionMachine::SessionMachine(const config::PbxConfig& config, retry::Random random)
    : config_(config),
      subject_("pbx " + config.name),
      peer_(peer_name(config.url.value)),
      dialect_(make_dialect(config.dialect)),
      subscriptions_(config.subscribe, config.dialect, config.subscribe_batch),
      reconnect_backoff_(config.reconnect.initial, config.reconnect.maximum, random),
      auth_backoff_(config.auth_retry.initial, config.auth_retry.maximum, random) {}

const Actions& SessionMachine::start() {
  actions_.clear();
  if (state_ != State::idle) return actions_;
  if (config_.tls.insecure_skip_verify && peer_.starts_with("wss"))
    log(code::pbx_insecure,
        fmt::format("the certificate of {} is NOT VERIFIED, because insecure_skip_verify is set: anyone on the way can "
                    "read the password and forge events",
                    peer_));
  publish_subscriptions();
  log(code::pbx_connecting, "connecting to " + peer_);
  begin_attempt();
  return actions_;
}

const Actions& SessionMachine::stop() {
  actions_.clear();
  switch (state_) {
    case State::idle:
    case State::waiting:
      cancel(Timer::retry);
      finish();
      break;
    case State::connecting:
      act(action::Abort{});
      finish();
      break;
    case State::authenticating:
      close_for_good();
      break;
    case State::leaving:
      state_ = State::closing;
      break;
    case State::authenticated: {
      const auto requests = subscriptions_.unsubscribe_all();
      if (requests.empty()) {
        close_for_good();
        break;
      }
      state_ = State::saying_farewell;
      send_all(requests, Command::unsubscribe);
      arm(Timer::farewell, farewell_time);
      break;
    }
    case State::saying_farewell:
    case State::closing:
    case State::stopped:
      break;
  }
  return actions_;
}

const Actions& SessionMachine::progressed(std::string phase) {
  actions_.clear();
  phase_ = std::move(phase);
  return actions_;
}

const Actions& SessionMachine::connected(const Secrets& secrets) {
  actions_.clear();
  if (state_ != State::connecting) return actions_;
  state_ = State::authenticating;
  is_signed_in_ = false;
  ++connection_epoch_;
  act(action::SendText{dialect_->auth(config_.auth, secrets)});
  arm(Timer::ping, config_.ping_interval);
  arm(Timer::peer_silence, config_.peer_timeout);
  return actions_;
}

const Actions& SessionMachine::disconnected(const Error& error) {
  actions_.clear();
  // A PBX that hangs up on `auth` again and again may mean the account, which is not to be locked by haste.
  unanswered_auths_ = state_ == State::authenticating ? unanswered_auths_ + 1 : 0;
  connection_ended(error);
  return actions_;
}

const Actions& SessionMachine::text_frame(std::string_view frame, SystemTime received_at) {
  actions_.clear();
  const auto answer = dialect_->answer(frame);
  if (!answer) {
    if (is_echo(frame)) return report_echo();
    const bool is_snapshot = state_ == State::authenticated && subscriptions_.take_snapshot(frame, received_at);
    act(action::HandOff{frame, received_at, connection_epoch_, is_snapshot});
    if (state_ == State::authenticated && subscriptions_.wants_proof())
      if (const auto change = subscriptions_.event_came(glance_at_event_type(frame), received_at)) report(*change);
  } else if (state_ == State::authenticating && answer->to.value_or(Command::auth) == Command::auth) {
    take_auth_answer(*answer);
  } else if (state_ == State::authenticated || state_ == State::saying_farewell) {
    take_subscription_answer(*answer, received_at);
  } else {
    report_unexpected(*answer);
  }
  return actions_;
}

const Actions& SessionMachine::binary_frame(std::string_view frame, SystemTime received_at) {
  actions_.clear();
  if (is_echo(frame)) return report_echo();
  act(action::HandOff{frame, received_at, connection_epoch_});
  return actions_;
}

/// Returns whether a peer that has not accepted the account may repeat its password or token. That is no event, and
/// must not go where events go. Afterwards a secret may be a word of an event by chance.
bool SessionMachine::is_echo(std::string_view frame) const {
  constexpr std::size_t largest_examined = 64 * 1024;  // decoding takes many times its size
  return !is_signed_in_ && (frame.size() > largest_examined || text::without_secrets(frame) != frame);
}

const Actions& SessionMachine::report_echo() {
  log(code::pbx_unexpected_answer,
      fmt::format(
          "{} has not accepted the account, and sent a message that holds a password or token, or is too large to "
          "tell; that message is dropped",
          peer_));
  return actions_;
}

const Actions& SessionMachine::message_too_large(std::uint64_t size_bytes) {
  actions_.clear();
  act(action::CountUp{SessionCount::event_too_large});
  log(code::pbx_event_too_large,
      fmt::format("a message of {} bytes was dropped, for max_frame_size is {} bytes", size_bytes,
                  config_.max_frame_size.bytes),
      {{"size_bytes", std::to_string(size_bytes)}});
  return actions_;
}

const Actions& SessionMachine::timer_fired(Timer timer) {
  actions_.clear();
  switch (timer) {
    case Timer::deadline:
      deadline_passed();
      break;
    case Timer::retry:
      if (state_ == State::waiting) begin_attempt();
      break;
    case Timer::ping:
      act(action::SendPing{});
      arm(Timer::ping, config_.ping_interval);
      break;
    case Timer::peer_silence:
      act(action::Abort{});
      connection_ended(
          fmt::format("nothing came from it for {}, not even an answer to a ping", seconds(config_.peer_timeout)));
      break;
    case Timer::subscribe:
      for (const auto& change : subscriptions_.time_out()) report(change);
      break;
    case Timer::calm:
      reconnect_backoff_.reset();
      break;
    case Timer::farewell:
      if (state_ == State::saying_farewell) close_for_good();
      break;
  }
  return actions_;
}

void SessionMachine::begin_attempt() {
  state_ = State::connecting;
  phase_ = "connecting";
  ++attempt_;
  arm(Timer::deadline, config_.connect_timeout);
  act(action::Connect{});
}

void SessionMachine::deadline_passed() {
  const std::string limit = seconds(config_.connect_timeout);
  if (state_ == State::connecting) {
    act(action::Abort{});
    connection_ended(fmt::format("the attempt took longer than {}, it ended while {}", limit, phase_));
  } else if (state_ == State::authenticating) {
    act(action::Abort{});
    connection_ended(
        fmt::format("it did not answer `auth` within the {} of an attempt; look whether `dialect` is that of "
                    "the PBX",
                    limit));
  }
}

/// The connection or the attempt is gone, by whatever side.
void SessionMachine::connection_ended(const Error& error) {
  cancel_connection_timers();
  const State before = state_;
  if (before == State::authenticated || before == State::saying_farewell) end_subscribing();
  subscriptions_.connection_ended();
  switch (before) {
    case State::connecting:
    case State::authenticating: {
      const bool about_the_account =
          unanswered_auths_ >= patience_with_auth || error.category == ErrorCategory::rejected;
      const Duration delay = std::max(about_the_account ? auth_backoff_.next() : reconnect_backoff_.next(), error.wait);
      act(action::CountUp{SessionCount::connection_failure});
      report_failure(code::pbx_connection_failed, fmt::format("no session with {}: {}", peer_, error.text), delay);
      retry_after(delay);
      break;
    }
    case State::authenticated: {
      const Duration delay = reconnect_backoff_.next();
      log_failure(code::pbx_connection_lost, fmt::format("the connection to {} is lost: {}", peer_, error.text),
                  fmt::format("next attempt in {}", seconds(delay)),
                  {{"connection_epoch", std::to_string(connection_epoch_)}, {"retry_in_ms", in_milliseconds(delay)}});
      retry_after(delay);
      publish_subscriptions();
      break;
    }
    case State::leaving:
      retry_after(next_delay_);
      break;
    case State::saying_farewell:
    case State::closing:
      finish();
      break;
    case State::idle:
    case State::waiting:
    case State::stopped:
      break;
  }
}

/// Once until the reason changes or a session is made.
void SessionMachine::report_failure(const observe::LogCode& log_code, const std::string& what, Duration delay) {
  if (std::exchange(last_failure_, what) == what) return;
  log_failure(log_code, what, fmt::format("trying again until it works, next attempt in {}", seconds(delay)),
              {{"attempt", std::to_string(attempt_)}, {"retry_in_ms", in_milliseconds(delay)}});
}

void SessionMachine::retry_after(Duration delay) {
  state_ = State::waiting;
  arm(Timer::retry, delay);
}

void SessionMachine::take_auth_answer(const Answer& answer) {
  if (answer.accepted())
    begin_subscribing();
  else
    rejected(answer);
}

void SessionMachine::rejected(const Answer& answer) {
  state_ = State::leaving;
  next_delay_ = auth_backoff_.next();
  cancel_connection_timers();
  act(action::CountUp{SessionCount::auth_rejection});
  act(action::CountUp{SessionCount::connection_failure});
  report_failure(code::pbx_auth_rejected, fmt::format("{} rejected the account ({})", peer_, answer.words()),
                 next_delay_);
  act(action::Close{});
}

void SessionMachine::close_for_good() {
  state_ = State::closing;
  cancel_connection_timers();
  end_subscribing();
  act(action::Close{});
}

void SessionMachine::finish() {
  state_ = State::stopped;
  cancel_connection_timers();
  log(code::pbx_stopped, fmt::format("the session with {} is ended", peer_));
  act(action::Stopped{});
}

void SessionMachine::cancel_connection_timers() {
  for (const Timer timer :
       {Timer::deadline, Timer::ping, Timer::peer_silence, Timer::subscribe, Timer::calm, Timer::farewell})
    cancel(timer);
}

void SessionMachine::log(const observe::LogCode& log_code, std::string message, std::vector<observe::LogField> fields,
                         std::string object) {
  act(action::WriteLog{
      observe::LogLine{&log_code, subject_, std::move(message), std::move(fields), std::move(object)}});
}

void SessionMachine::log_failure(const observe::LogCode& log_code, const std::string& what, const std::string& follows,
                                 std::vector<observe::LogField> fields) {
  act(action::WriteLog{observe::LogLine{&log_code, subject_, what + "; " + follows, std::move(fields), {}}, what});
}

std::string SessionMachine::seconds(Duration duration) {
  return fmt::format("{:.3g} s", std::chrono::duration<double>(duration).count());
}

void SessionMachine::arm(Timer timer, Duration after) { act(action::ArmTimer{timer, after}); }
void SessionMachine::cancel(Timer timer) { act(action::CancelTimer{timer}); }

}  // namespace pbxbridge::pbx
