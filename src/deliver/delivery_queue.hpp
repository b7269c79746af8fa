#pragma once

#include "deliver/repetitions.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/cursor/deferred_deliveries.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pbxbridge::deliver {

/// Hash of a delivery, as it is stored: the same for the same topic and key in every process.
std::uint64_t destination_hash(std::string_view topic, std::string_view key);

/// Everything that one sink has yet to acknowledge: which delivery comes next, what is in flight, what waits for a
/// retry, and how far everything is done. Pure: the time is passed in, nothing is sent here.
///
/// Deliveries that wait for a retry are deferred once others after them are done, and cost no more than
/// themselves however many pass them; likewise one that waits for its outcome while very many pass it.
///
/// Order: deliveries of one key (of one topic, where there is no key) are handed off in the order they were added. A
/// delivery that is tried again makes later ones of its own key wait, and no others; one of them that was in flight
/// already is delivered once more after it, so that the last word of a key is always its newest event. After a lost
/// connection all that was in flight is handed off again, oldest first. Each redelivery is marked.
class DeliveryQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Token = std::uint64_t;
  /// Returns how long to wait before the next attempt, given how many have failed (1 the first time).
  using RetryDelay = std::function<std::chrono::milliseconds(unsigned failed_attempts)>;

  explicit DeliveryQueue(RetryDelay retry_delay) : retry_delay_(std::move(retry_delay)) {}

  /// Events are added in the order of their sequence, each with as many deliveries as its routes name: `add` once for
  /// each, then `end_event`. A delivery of no event of the cursor's may be added between them, by `add_other`. Both
  /// return its token.
  Token add(Delivery delivery) { return add(std::move(delivery), true); }
  Token add_other(Delivery delivery) { return add(std::move(delivery), false); }
  void end_event(Sequence sequence);

  /// The next delivery to hand to the sink, in flight from now on; null where none is ready. Valid until the next call.
  const Delivery* take_next(Time now);
  /// The sink had no room after all: it is the next again.
  void put_back(Token token);
  struct Settled {
    Delivery delivery;
    unsigned attempts = 0;
  };
  /// Settles a delivery in flight. Nothing for a token that is not in flight, for one that is sent again at once, and
  /// for one that will be repeated after an earlier one of its key.
  std::optional<Settled> settle(Token token, Outcome::Kind outcome, Time now);
  void connection_lost();

  bool is_in_flight(Token token) const;
  /// Delivery of a token that is neither acknowledged nor rejected.
  const Delivery& delivery(Token token) { return item(token).delivery; }
  /// Calls `visit(const Delivery&)` for each that is neither acknowledged nor rejected.
  template <class Visit>
  void for_each_unsettled(Visit visit) const {
    for (const auto& [token, item] : set_aside_) visit(item.delivery);
    for (const Item& item : items_)
      if (item.state != State::done) visit(item.delivery);
  }
  /// Calls `visit(const Delivery&)` for each in flight.
  template <class Visit>
  void for_each_in_flight(Visit visit) const {
    const auto visit_in_flight = [&](const Item& item) {
      if (item.state == State::in_flight) visit(item.delivery);
    };
    for (const auto& [token, item] : set_aside_) visit_in_flight(item);
    for (const Item& item : items_) visit_in_flight(item);
  }
  /// Time of reception of the oldest that is neither acknowledged nor rejected; nothing where there is none.
  std::optional<SystemTime> oldest_reception() const;
  /// Oldest first.
  std::vector<Token> tokens_in_flight() const;
  /// Defers a delivery that is not in flight, and later ones of its key with it, until it is taken by name.
  /// A lost connection ends that.
  /// Returns whether it can be taken: no earlier one of its key waits.
  bool defer(Token token);
  /// Ends that, too: it is ready.
  void undefer(Token token, Time now);
  /// A deferred delivery, in flight from now on; null where an earlier one of its key waits. Valid until the next call.
  const Delivery* take_deferred(Token token);

  /// Everything up to here is acknowledged or rejected.
  Sequence acknowledged() const { return holding_.empty() ? passed_ : holding_.begin()->second.before; }
  /// Everything that is acknowledged or rejected beyond that.
  spool::DeferredDeliveries deferred() const;
  bool has_deferred() const { return !holding_.empty(); }
  std::size_t in_flight() const { return in_flight_; }
  bool empty() const { return unsettled() == 0; }
  /// All from the oldest that is neither done nor deferred on, those after it that are done included.
  std::size_t size() const { return items_.size(); }
  /// Deliveries that are neither acknowledged nor rejected.
  std::size_t unsettled() const { return items_.size() - done_ + set_aside_.size(); }
  std::size_t size_bytes() const { return bytes_; }  ///< size of those that are not done
  /// Time at which the next delivery that waits for another attempt is due.
  std::optional<Time> next_retry() const;
  /// Returns whether deliveries wait for another attempt.
  bool has_holds() const { return !holds_.empty(); }

 private:
  enum class State : std::uint8_t { ready, in_flight, held, done };
  struct Item {
    Delivery delivery;
    std::optional<Sequence> ends;  // the newest event that is done with when this and all before are
    State state = State::ready;
    unsigned failed_attempts = 0;
    std::size_t bytes = 0;
    bool of_cursor = true;
    bool is_repetition = false;    // since the connection was made
    Repetitions::Round round = 0;  // while in flight
  };
  /// An event of the cursor's with a delivery that is deferred.
  struct Holding {
    spool::DeferredDelivery delivery;
    Sequence before;  // everything up to there was done or deferred before it
  };
  /// A key with a delivery to be tried again. Its first token waits until `due`; once it is being tried, the others
  /// wait for its outcome.
  struct Hold {
    std::set<Token> tokens;
    Time due;
    std::optional<Token> trying;
  };

  Token add(Delivery delivery, bool of_cursor);
  Item& item(Token token) {
    return token < first_token_ ? set_aside_.find(token)->second : items_[token - first_token_];
  }
  Hold* hold_of(const Item& item);
  bool is_followed_by_earlier(const Item& item) const;
  void repeat(Item& item, Time now);
  void expect_repetition(Item& item);
  void leave_flight(const Item& item);
  /// Puts it after the others of its key that wait; false where none of the key does.
  bool park(Item& item);
  void hold(Item& item, Time due);
  const Delivery* take(Item& item);
  const Delivery* take_due(Time now);
  void release_hold(const Delivery& delivery);
  void schedule(const Hold& hold) { due_.emplace(hold.due, *hold.tokens.begin()); }
  void unschedule(const Hold& hold) { due_.erase({hold.due, *hold.tokens.begin()}); }
  void finish(Token token);
  void remove_done();
  bool is_passed(const Item& first) const;
  void set_aside_first();

  RetryDelay retry_delay_;
  Token first_token_ = 1;  // token of items_.front(), or the next to be given
  std::deque<Item> items_;
  std::map<Token, Item> set_aside_;   // none is done
  std::map<Token, Holding> holding_;  // of these, the cursor's
  Token next_ready_ = 1;              // everything before is in flight, held or done, unless it stands in released_
  std::set<Token> released_;          // ready again, before next_ready_
  std::unordered_map<std::string, Hold> holds_;  // by topic and key
  std::set<std::pair<Time, Token>> due_;         // the first token of each hold that waits
  Repetitions repetitions_;
  std::size_t in_flight_ = 0;
  std::size_t done_ = 0;  // of items_, that an earlier one keeps from going
  std::size_t bytes_ = 0;
  Sequence passed_;  // everything up to here is done or deferred
};

}  // namespace pbxbridge::deliver
