#include "deliver/delivery_queue.hpp"

#include "pbxbridge/event.hpp"

#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::deliver {

namespace {

/// An answer that takes so long is taken for one that may take forever: of a missing topic it does, and answers that
/// come in portions are in time.
constexpr std::size_t many_passed = 5000;

/// Time of a delivery that waits to be taken by name.
constexpr DeliveryQueue::Time never = DeliveryQueue::Time::max();

std::string order_key(std::string_view topic, std::string_view key) {
  std::string text(topic);
  if (!key.empty()) text.append(1, '\0').append(key);
  return text;
}
std::string order_key(const Delivery& delivery) { return order_key(delivery.topic, delivery.key); }

std::size_t memory_of(const Delivery& delivery) {
  return delivery.event->size_bytes() + delivery.topic.size() + delivery.key.size();
}

}  // namespace

std::uint64_t destination_hash(std::string_view topic, std::string_view key) {
  const std::string text = order_key(topic, key);
  return XXH3_64bits(text.data(), text.size());
}

DeliveryQueue::Token DeliveryQueue::add(Delivery delivery, bool of_cursor) {
  delivery.token = first_token_ + items_.size();
  const std::size_t bytes = memory_of(delivery);
  bytes_ += bytes;
  items_.push_back({.delivery = std::move(delivery), .ends = std::nullopt, .bytes = bytes, .of_cursor = of_cursor});
  return items_.back().delivery.token;
}

void DeliveryQueue::end_event(Sequence sequence) {
  if (items_.empty())
    passed_ = sequence;
  else
    items_.back().ends = sequence;
}

const Delivery* DeliveryQueue::take_next(Time now) {
  if (const Delivery* due = take_due(now)) return due;
  while (!released_.empty()) {
    Item& candidate = item(released_.extract(released_.begin()).value());
    if (!park(candidate)) return take(candidate);
  }
  while (next_ready_ < first_token_ + items_.size()) {
    Item& candidate = item(next_ready_++);
    if (candidate.state == State::ready && !park(candidate)) return take(candidate);
  }
  return nullptr;
}

void DeliveryQueue::put_back(Token token) {
  if (!is_in_flight(token)) return;
  Item& taken = item(token);
  leave_flight(taken);
  Hold* held = hold_of(taken);
  if (held != nullptr && held->trying == token) return hold(taken, Time::min());
  taken.state = State::ready;
  if (taken.is_repetition) expect_repetition(taken);
  released_.insert(token);
}

std::optional<DeliveryQueue::Settled> DeliveryQueue::settle(Token token, Outcome::Kind outcome, Time now) {
  if (!is_in_flight(token)) return std::nullopt;
  Item& settled = item(token);
  const bool is_overtaken = outcome == Outcome::Kind::delivered && is_followed_by_earlier(settled);
  leave_flight(settled);
  if (outcome == Outcome::Kind::retry) {
    ++settled.failed_attempts;
    hold(settled, now + retry_delay_(settled.failed_attempts));
    Settled result{settled.delivery, settled.failed_attempts};
    remove_done();
    return result;
  }
  if (outcome == Outcome::Kind::resend || is_overtaken) {
    is_overtaken ? repeat(settled, now) : hold(settled, now);
    remove_done();
    return std::nullopt;
  }
  bytes_ -= settled.bytes;
  release_hold(settled.delivery);
  Settled result{std::move(settled.delivery), settled.failed_attempts + 1};
  finish(token);
  return result;
}

void DeliveryQueue::finish(Token token) {
  if (token < first_token_) {
    set_aside_.erase(token);
    holding_.erase(token);
    return;
  }
  item(token).state = State::done;
  ++done_;
  remove_done();
}

void DeliveryQueue::connection_lost() {
  holds_.clear();
  due_.clear();
  released_.clear();
  repetitions_.clear();
  for (auto& [token, each] : set_aside_) {
    if (each.state == State::in_flight) each.delivery.redelivery = true;
    each.state = State::ready;
    each.is_repetition = false;
    released_.insert(token);
  }
  for (Item& each : items_) {
    if (each.state == State::in_flight) each.delivery.redelivery = true;
    if (each.state != State::done) each.state = State::ready;
    each.is_repetition = false;
  }
  in_flight_ = 0;
  next_ready_ = first_token_;
}

std::optional<SystemTime> DeliveryQueue::oldest_reception() const {
  if (!set_aside_.empty()) return set_aside_.begin()->second.delivery.event->received_at();
  const auto oldest = std::ranges::find_if(items_, [](const Item& item) { return item.state != State::done; });
  return oldest == items_.end() ? std::nullopt : std::optional(oldest->delivery.event->received_at());
}

std::vector<DeliveryQueue::Token> DeliveryQueue::tokens_in_flight() const {
  std::vector<Token> tokens;
  for (const auto& [token, each] : set_aside_)
    if (each.state == State::in_flight) tokens.push_back(token);
  for (const Item& each : items_)
    if (each.state == State::in_flight) tokens.push_back(each.delivery.token);
  return tokens;
}

bool DeliveryQueue::defer(Token token) {
  Item& deferred = item(token);
  released_.erase(token);
  Hold* held = hold_of(deferred);
  if (deferred.state != State::held || held == nullptr) {
    const bool redelivery = deferred.delivery.redelivery;
    hold(deferred, never);
    deferred.delivery.redelivery = redelivery;
    held = hold_of(deferred);
  } else if (!held->trying && *held->tokens.begin() == token) {
    unschedule(*held);
    held->due = never;
    schedule(*held);
  }
  return !held->trying && *held->tokens.begin() == token;
}

void DeliveryQueue::undefer(Token token, Time now) {
  Hold* held = hold_of(item(token));
  if (held == nullptr || held->trying || *held->tokens.begin() != token || held->due != never) return;
  unschedule(*held);
  held->due = now;
  schedule(*held);
}

const Delivery* DeliveryQueue::take_deferred(Token token) {
  Item& deferred = item(token);
  Hold* held = hold_of(deferred);
  if (held == nullptr || held->trying || held->tokens.empty() || *held->tokens.begin() != token) return nullptr;
  unschedule(*held);
  held->tokens.erase(token);
  held->trying = token;
  return take(deferred);
}

std::optional<DeliveryQueue::Time> DeliveryQueue::next_retry() const {
  if (due_.empty() || due_.begin()->first == never) return std::nullopt;
  return due_.begin()->first;
}

bool DeliveryQueue::is_in_flight(Token token) const {
  if (token < first_token_) {
    const auto aside = set_aside_.find(token);
    return aside != set_aside_.end() && aside->second.state == State::in_flight;
  }
  if (token >= first_token_ + items_.size()) return false;
  return items_[token - first_token_].state == State::in_flight;
}

DeliveryQueue::Hold* DeliveryQueue::hold_of(const Item& item) {
  if (holds_.empty()) return nullptr;
  const auto position = holds_.find(order_key(item.delivery));
  return position == holds_.end() ? nullptr : &position->second;
}

bool DeliveryQueue::is_followed_by_earlier(const Item& item) const {
  return !repetitions_.empty() && repetitions_.is_followed(order_key(item.delivery), item.delivery.token, item.round);
}

/// Repeats one that an earlier one of its key has overtaken: after it, and after all that are about to follow it.
void DeliveryQueue::repeat(Item& item, Time now) {
  if (hold_of(item) != nullptr) return hold(item, now);
  item.state = State::ready;
  item.delivery.redelivery = true;
  expect_repetition(item);
  released_.insert(item.delivery.token);
}

void DeliveryQueue::expect_repetition(Item& item) {
  item.is_repetition = true;
  repetitions_.expect(order_key(item.delivery), item.delivery.token);
}

void DeliveryQueue::leave_flight(const Item& item) {
  --in_flight_;
  repetitions_.end(item.round);
}

bool DeliveryQueue::park(Item& item) {
  Hold* hold = hold_of(item);
  if (hold == nullptr) return false;
  const Token token = item.delivery.token;
  // A deferred one is taken once no earlier one waits.
  if (!hold->trying && hold->due == never && token < *hold->tokens.begin()) return false;
  item.state = State::held;
  if (hold->trying) {
    hold->tokens.insert(token);
    return true;
  }
  unschedule(*hold);
  hold->tokens.insert(token);
  schedule(*hold);
  return true;
}

void DeliveryQueue::hold(Item& item, Time due) {
  const Token token = item.delivery.token;
  item.state = State::held;
  item.delivery.redelivery = true;
  expect_repetition(item);
  Hold& hold = holds_[order_key(item.delivery)];
  const bool scheduled = !hold.trying && !hold.tokens.empty();
  if (scheduled) unschedule(hold);
  if (hold.trying == token) hold.trying.reset();
  hold.tokens.insert(token);
  if (*hold.tokens.begin() == token) hold.due = due;
  if (!hold.trying) schedule(hold);
}

const Delivery* DeliveryQueue::take(Item& item) {
  item.state = State::in_flight;
  item.round =
      item.is_repetition ? repetitions_.repeat(order_key(item.delivery), item.delivery.token) : repetitions_.hand_off();
  ++in_flight_;
  return &item.delivery;
}

const Delivery* DeliveryQueue::take_due(Time now) {
  if (due_.empty() || due_.begin()->first > now) return nullptr;
  const Token token = due_.extract(due_.begin()).value().second;
  Item& head = item(token);
  Hold& hold = *hold_of(head);
  hold.tokens.erase(token);
  hold.trying = token;
  return take(head);
}

void DeliveryQueue::release_hold(const Delivery& delivery) {
  if (holds_.empty()) return;
  const auto position = holds_.find(order_key(delivery));
  if (position == holds_.end() || position->second.trying != delivery.token) return;
  for (const Token token : position->second.tokens) {
    item(token).state = State::ready;
    released_.insert(token);
  }
  holds_.erase(position);
}

void DeliveryQueue::remove_done() {
  for (; !items_.empty(); items_.pop_front(), ++first_token_) {
    const Item& first = items_.front();
    const auto ends = first.ends;
    if (first.state == State::done)
      --done_;
    else if (is_passed(first))
      set_aside_first();
    else
      break;
    if (ends) passed_ = *ends;
  }
  next_ready_ = std::max(next_ready_, first_token_);
}

/// Deliveries that are ready are in a list, about to be handed off.
bool DeliveryQueue::is_passed(const Item& first) const {
  const bool is_tried_again = first.state == State::held || first.failed_attempts > 0;
  return first.state != State::ready && done_ >= (is_tried_again ? 1 : many_passed);
}

void DeliveryQueue::set_aside_first() {
  Item& first = items_.front();
  if (first.of_cursor) {
    const Delivery& delivery = first.delivery;
    holding_.emplace(first_token_,
                     Holding{{delivery.event->sequence(), destination_hash(delivery.topic, delivery.key)}, passed_});
  }
  set_aside_.emplace(first_token_, std::move(first));
}

/// An event that is not passed as a whole is none of it.
spool::DeferredDeliveries DeliveryQueue::deferred() const {
  spool::DeferredDeliveries deferred{.passed = passed_, .deliveries = {}};
  for (const auto& [token, holding] : holding_)
    if (holding.delivery.event <= passed_) deferred.deliveries.push_back(holding.delivery);
  return deferred;
}

}  // namespace pbxbridge::deliver
