#pragma once

#include "config/pbx_config.hpp"
#include "event/queue_name.hpp"
#include "pbx/dialect.hpp"
#include "pbx/session_actions.hpp"
#include "pbx/subscriptions.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/system_time.hpp"
#include "retry/backoff.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::pbx {

/// The protocol of one PBX account, without I/O, clock or thread. Each input returns what is to be done, in order; the
/// list is valid until the next input, which must not come before the list is done.
///
/// One attempt is in flight at the most: the next begins only after the connection before it is gone.
class SessionMachine {
 public:
  explicit SessionMachine(const config::PbxConfig& config, retry::Random random = retry::random_fraction);

  const Actions& start();
  const Actions& stop();
  const Actions& update_subscriptions(const std::vector<config::SubscribeConfig>& subscribe);
  /// Has the PBX push its present state once more, as after a subscribe; nothing where no subscription brings it, or
  /// not all have their answers.
  const Actions& ask_for_snapshots();
  /// The same of these queues alone, where subscriptions select them.
  const Actions& ask_for_queues(const event::QueueNames& queues);

  /// Names the step of the attempt, a clause such as "looking up pbx.example.com"; logged if it ends there.
  const Actions& progressed(std::string phase);
  /// The WebSocket handshake is done.
  const Actions& connected(const Secrets& secrets);
  /// The attempt has failed or the connection is gone. Where the error is of the category `rejected`, the next attempt
  /// comes as late as after a rejected account; it comes after `wait` in any case.
  const Actions& disconnected(const Error& error);
  const Actions& disconnected(std::string reason) { return disconnected({ErrorCategory::network, std::move(reason)}); }
  /// An event is handed off with what is passed here, so `frame` must live until the list is done.
  const Actions& text_frame(std::string_view frame, SystemTime received_at = {});
  const Actions& binary_frame(std::string_view frame, SystemTime received_at = {});
  const Actions& message_too_large(std::uint64_t size_bytes);
  const Actions& timer_fired(Timer timer);

 private:
  enum class State : std::uint8_t {
    idle,
    connecting,
    authenticating,
    authenticated,
    leaving,  // the account was rejected and the connection is being closed; then an attempt after next_delay_
    waiting,  // for the next attempt
    saying_farewell,
    closing,  // for good
    stopped,
  };

  void begin_attempt();
  void connection_ended(const Error& error);
  void connection_ended(std::string reason) { connection_ended({ErrorCategory::network, std::move(reason)}); }
  void report_failure(const observe::LogCode& code, const std::string& what, config::Duration delay);
  void retry_after(config::Duration delay);
  void deadline_passed();
  void take_auth_answer(const Answer& answer);
  void begin_subscribing();
  void note_subscribed_once_all_are_answered();
  void end_subscribing();
  void rejected(const Answer& answer);
  void take_subscription_answer(const Answer& answer, SystemTime at);
  void report(const Subscriptions::Change& change);
  void report_unexpected(const Answer& answer);
  bool is_echo(std::string_view frame) const;
  const Actions& report_echo();
  void close_for_good();
  void finish();

  void send_again(const Subscriptions::Update& requests);
  void send_all(const std::vector<SubscriptionRequest>& requests, Command command);
  void publish_subscriptions();
  void cancel_connection_timers();
  void log(const observe::LogCode& code, std::string message, std::vector<observe::LogField> fields = {},
           std::string object = {});
  /// `follows`: what is done about it, which is soon no longer so.
  void log_failure(const observe::LogCode& code, const std::string& what, const std::string& follows,
                   std::vector<observe::LogField> fields);
  static std::string seconds(config::Duration duration);  // "1.5 s"
  void arm(Timer timer, config::Duration after);
  void cancel(Timer timer);
  template <class T>
  void act(T action) {
    actions_.emplace_back(std::move(action));
  }

  const config::PbxConfig config_;
  const std::string subject_;  // of log lines
  const std::string peer_;     // its URL, without the query
  const std::unique_ptr<Dialect> dialect_;
  Subscriptions subscriptions_;
  retry::Backoff reconnect_backoff_;
  retry::Backoff auth_backoff_;

  Actions actions_;
  State state_ = State::idle;
  bool is_signed_in_ = false;      // on this connection
  bool subscribed_ = false;        // said so; a subscription that is added later does not end it
  bool awaits_snapshots_ = false;  // asked for once more
  std::string phase_;
  std::string last_failure_;  // since the session before, said already
  config::Duration next_delay_{0};
  unsigned unanswered_auths_ = 0;  // attempts in a row at which the peer hung up in place of an answer
  std::uint64_t attempt_ = 0;      // since the connection before
  std::uint32_t connection_epoch_ = 0;
  bool has_authenticated_ = false;
};

}  // namespace pbxbridge::pbx
