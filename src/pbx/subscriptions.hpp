#pragma once

#include "config/pbx_config.hpp"
#include "event/queue_name.hpp"
#include "pbx/dialect.hpp"
#include "pbx/session_status.hpp"
#include "pbx/snapshots.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::pbx {

/// The entries under `subscribe` and what the PBX has said to each. Pure.
///
/// Answers carry nothing that names a subscription, so they are matched with the commands in the order these were sent.
/// An entry split into several subscribes is granted when all are, and rejected when one is. Silence is no rejection: a
/// silent subscription is granted by a late answer, or by an event that can have come by no other subscription.
class Subscriptions {
 public:
  using State = SubscriptionState;

  /// A subscription whose state has changed, or an unsubscribe that was rejected.
  struct Change {
    std::string description;
    State state = State::pending;
    std::string reason;  ///< words of the PBX, where it rejected
    bool by_event = false;
    bool of_unsubscribe = false;
  };

  struct Update {
    std::vector<std::string> dropped;              ///< descriptions
    std::vector<SubscriptionRequest> unsubscribe;  ///< to be sent before `subscribe`
    std::vector<SubscriptionRequest> subscribe;
  };

  Subscriptions(const std::vector<config::SubscribeConfig>& entries, config::Dialect dialect, std::size_t batch);

  /// Everything is pending again, and no answer is awaited.
  void connection_ended();
  /// Requests to send, in order; from then on the answers are awaited.
  std::vector<SubscriptionRequest> subscribe_all();
  std::vector<SubscriptionRequest> unsubscribe_all();
  /// Takes over the entries of a changed configuration. While not `connected` nothing is to be sent.
  Update update(const std::vector<config::SubscribeConfig>& entries, bool connected);

  /// Ends the subscriptions that bring snapshots and makes them again, so that these come once more. Their states stay
  /// as they are until the PBX says otherwise.
  Update ask_for_snapshots();
  /// The same for these queues alone, where a subscription selects them. One that was rejected is made again as a
  /// whole, for it may have named a queue that did not exist: it is pending then.
  Update ask_for_queues(const event::QueueNames& queues);

  enum class Verdict : std::uint8_t { expected, unexpected };
  /// An answer to a subscribe or unsubscribe. `change` is set where a state has changed by it.
  Verdict answered(const Answer& answer, SystemTime at, std::optional<Change>& change);
  /// The time for answers is over: what is pending is silent.
  std::vector<Change> time_out();
  /// Returns whether an event could still prove a subscription; spares `event_came` its work.
  bool wants_proof() const { return unproven_ > 0; }
  std::optional<Change> event_came(std::string_view event_type, SystemTime at);

  /// Returns whether the event is of what the PBX pushes as its present state. To be asked once for each event, before
  /// `event_came`.
  bool take_snapshot(std::string_view event, SystemTime at) {
    return snapshots_.running() && snapshots_.take(event, at);
  }

  /// Returns whether a subscription is pending.
  bool awaits_first_answer() const;
  bool awaits_unsubscribe_answer() const;
  /// Returns whether a subscribe that brings snapshots has no answer.
  bool awaits_snapshot_answer() const;
  std::size_t size() const { return subscriptions_.size(); }
  /// One for each entry, without a time.
  std::vector<SubscriptionStatus> status() const;

 private:
  struct Subscription {
    std::uint64_t id;
    config::SubscribeConfig entry;
    State state = State::pending;
    std::string words = {};      // the PBX gave for a rejection
    std::size_t asked = 0;       // subscribes sent on this connection
    std::size_t unanswered = 0;  // of these
  };
  struct Question {
    Command command;
    std::uint64_t subscription;
  };

  Subscription* find(std::uint64_t id);
  bool brings_snapshots(const Subscription& subscription) const;
  std::vector<SubscriptionRequest> ask_for(Subscription& subscription);
  std::vector<SubscriptionRequest> ask(Command command, std::uint64_t subscription,
                                       std::vector<SubscriptionRequest> requests);
  std::optional<Question> take_question(const Answer& answer);
  std::optional<Change> change_state(Subscription& subscription, State state, SystemTime at = {});
  bool comes_by(const Subscription& subscription, std::string_view event_type) const;
  void count_unproven();

  config::Dialect dialect_;
  std::size_t batch_;
  std::vector<Subscription> subscriptions_;
  std::deque<Question> questions_;         // sent and not yet answered, oldest first
  std::vector<std::string> ended_topics_;  // unsubscribed on this connection: their events may still be on the way
  std::uint64_t next_id_ = 1;
  std::size_t unproven_ = 0;
  Snapshots snapshots_;
};

}  // namespace pbxbridge::pbx
