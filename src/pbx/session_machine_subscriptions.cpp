// The session machine from the accepted account on: subscribing, and the answers to it.

#include "pbx/session_machine.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::pbx {

namespace code = observe::log_code;

void SessionMachine::begin_subscribing() {
  state_ = State::authenticated;
  is_signed_in_ = true;
  cancel(Timer::deadline);
  attempt_ = 0;
  unanswered_auths_ = 0;
  last_failure_.clear();
  auth_backoff_.reset();
  act(action::CountUp{SessionCount::connection});
  if (std::exchange(has_authenticated_, true)) act(action::CountUp{SessionCount::reconnect});
  act(action::SetAuthenticated{true, connection_epoch_});
  log(code::pbx_authenticated,
      fmt::format("{} has accepted the account; making {} subscription{}", peer_, subscriptions_.size(),
                  subscriptions_.size() == 1 ? "" : "s"),
      {{"connection_epoch", std::to_string(connection_epoch_)}});
  arm(Timer::calm, config_.reset_after);
  const auto requests = subscriptions_.subscribe_all();
  send_all(requests, Command::subscribe);
  if (!requests.empty()) arm(Timer::subscribe, config_.subscribe_timeout);
  note_subscribed_once_all_are_answered();
}

void SessionMachine::note_subscribed_once_all_are_answered() {
  if (state_ != State::authenticated || subscribed_ || subscriptions_.awaits_first_answer()) return;
  subscribed_ = true;
  act(action::SetSubscribed{true});
}

void SessionMachine::end_subscribing() {
  act(action::SetAuthenticated{false, connection_epoch_});
  subscribed_ = false;
  awaits_snapshots_ = false;
  act(action::SetSubscribed{false});
}

const Actions& SessionMachine::ask_for_snapshots() {
  actions_.clear();
  if (state_ != State::authenticated || !subscribed_) return actions_;
  const auto requests = subscriptions_.ask_for_snapshots();
  if (requests.subscribe.empty()) return actions_;
  log(code::pbx_snapshots_asked,
      fmt::format(
          "what was followed of {} lacks events; the topics that bring its present state are subscribed to once "
          "more",
          peer_));
  awaits_snapshots_ = true;
  act(action::SetSnapshotsAsked{false});
  send_again(requests);
  return actions_;
}

const Actions& SessionMachine::ask_for_queues(const event::QueueNames& queues) {
  actions_.clear();
  if (state_ != State::authenticated || !subscribed_) return actions_;
  const auto requests = subscriptions_.ask_for_queues(queues);
  if (requests.subscribe.empty()) return actions_;
  log(code::pbx_snapshots_asked,
      fmt::format("{} has created or changed {}, of which it gives the number alone; what brings the state of it is "
                  "subscribed to once more",
                  peer_, queues.size() == 1 ? "a queue" : fmt::format("{} queues", queues.size())));
  send_again(requests);
  if (subscriptions_.awaits_first_answer()) publish_subscriptions();
  return actions_;
}

/// An unsubscribe first, for no page of the vendor says what a second subscribe brings.
void SessionMachine::send_again(const Subscriptions::Update& requests) {
  send_all(requests.unsubscribe, Command::unsubscribe);
  send_all(requests.subscribe, Command::subscribe);
  arm(Timer::subscribe, config_.subscribe_timeout);
}

const Actions& SessionMachine::update_subscriptions(const std::vector<config::SubscribeConfig>& subscribe) {
  actions_.clear();
  const bool authenticated = state_ == State::authenticated;
  if (state_ == State::saying_farewell || state_ == State::closing || state_ == State::stopped) return actions_;
  const auto update = subscriptions_.update(subscribe, authenticated);
  for (const auto& description : update.dropped)
    log(code::pbx_subscription_ended,
        fmt::format("{} is no longer in the configuration{}", description, authenticated ? ": unsubscribing" : ""));
  send_all(update.unsubscribe, Command::unsubscribe);
  send_all(update.subscribe, Command::subscribe);
  if (!update.subscribe.empty()) arm(Timer::subscribe, config_.subscribe_timeout);
  publish_subscriptions();
  return actions_;
}

void SessionMachine::take_subscription_answer(const Answer& answer, SystemTime at) {
  std::optional<Subscriptions::Change> change;
  if (answer.to == Command::auth || subscriptions_.answered(answer, at, change) == Subscriptions::Verdict::unexpected) {
    report_unexpected(answer);
    return;
  }
  if (change) report(*change);
  if (awaits_snapshots_ && !subscriptions_.awaits_snapshot_answer()) {
    awaits_snapshots_ = false;
    act(action::SetSnapshotsAsked{true});
  }
  if (state_ == State::saying_farewell && !subscriptions_.awaits_unsubscribe_answer()) close_for_good();
}

void SessionMachine::report(const Subscriptions::Change& change) {
  using enum SubscriptionState;
  if (change.of_unsubscribe) {
    log(code::pbx_unsubscribe_rejected,
        fmt::format("{} rejected the unsubscribe of {}: {}", peer_, change.description, change.reason), {},
        change.description);
    return;
  }
  switch (change.state) {
    case granted:
      log(code::pbx_subscription_granted,
          fmt::format("{} is granted{}", change.description, change.by_event ? ", as an event of it shows" : ""), {},
          change.description);
      break;
    case rejected:
      log(code::pbx_subscription_rejected,
          fmt::format("{} is rejected ({}); the other subscriptions go on", change.description, change.reason), {},
          change.description);
      break;
    case silent:
      log(code::pbx_subscription_silent,
          fmt::format("{} was not answered within {}; events may come all the same", change.description,
                      seconds(config_.subscribe_timeout)),
          {}, change.description);
      break;
    case pending:
      break;
  }
  publish_subscriptions();
}

void SessionMachine::report_unexpected(const Answer& answer) {
  log(code::pbx_unexpected_answer,
      fmt::format("{} sent an answer{} that no command awaits ({}); it is ignored", peer_,
                  answer.to ? fmt::format(" to `{}`", to_string(*answer.to)) : "", answer.words()));
}

void SessionMachine::send_all(const std::vector<SubscriptionRequest>& requests, Command command) {
  for (const auto& request : requests)
    act(action::SendText{command == Command::subscribe ? dialect_->subscribe(request)
                                                       : dialect_->unsubscribe(request)});
}

void SessionMachine::publish_subscriptions() {
  act(action::SetSubscriptions{subscriptions_.status()});
  note_subscribed_once_all_are_answered();
}

}  // namespace pbxbridge::pbx
