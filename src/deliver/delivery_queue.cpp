#include "deliver/delivery_queue.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::deliver {

namespace {

std::string order_key(const Delivery& delivery) {
  if (delivery.key.empty()) return delivery.topic;
  return delivery.topic + '\0' + delivery.key;
}

std::size_t memory_of(const Delivery& delivery) {
  return delivery.event->size_bytes() + delivery.topic.size() + delivery.key.size();
}

}  // namespace

DeliveryQueue::Token DeliveryQueue::add(Delivery delivery) {
  delivery.token = first_token_ + items_.size();
  const std::size_t bytes = memory_of(delivery);
  bytes_ += bytes;
  items_.push_back({std::move(delivery), std::nullopt, State::ready, 0, bytes});
  return items_.back().delivery.token;
}

void DeliveryQueue::end_event(Sequence sequence) {
  if (items_.empty())
    acknowledged_ = sequence;
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
  --in_flight_;
  Hold* held = hold_of(taken);
  if (held != nullptr && held->trying == token) return hold(taken, Time::min());
  taken.state = State::ready;
  released_.insert(token);
}

std::optional<DeliveryQueue::Settled> DeliveryQueue::settle(Token token, Outcome::Kind outcome, Time now) {
  if (!is_in_flight(token)) return std::nullopt;
  Item& settled = item(token);
  --in_flight_;
  if (outcome == Outcome::Kind::retry) {
    ++settled.failed_attempts;
    hold(settled, now + retry_delay_(settled.failed_attempts));
    return Settled{settled.delivery, settled.failed_attempts};
  }
  Hold* held = hold_of(settled);
  if (outcome == Outcome::Kind::delivered && held != nullptr && held->is_before(token)) {
    hold(settled, now);
    return std::nullopt;
  }
  settled.state = State::done;
  ++done_;
  bytes_ -= std::exchange(settled.bytes, 0);
  release_hold(settled.delivery);
  Settled result{std::move(settled.delivery), settled.failed_attempts + 1};
  remove_done();
  return result;
}

void DeliveryQueue::connection_lost() {
  for (Item& each : items_) {
    if (each.state == State::in_flight) each.delivery.redelivery = true;
    if (each.state != State::done) each.state = State::ready;
  }
  holds_.clear();
  due_.clear();
  released_.clear();
  in_flight_ = 0;
  next_ready_ = first_token_;
}

std::optional<DeliveryQueue::Time> DeliveryQueue::next_retry() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

bool DeliveryQueue::is_in_flight(Token token) const {
  if (token < first_token_ || token >= first_token_ + items_.size()) return false;
  return items_[token - first_token_].state == State::in_flight;
}

DeliveryQueue::Hold* DeliveryQueue::hold_of(const Item& item) {
  if (holds_.empty()) return nullptr;
  const auto position = holds_.find(order_key(item.delivery));
  return position == holds_.end() ? nullptr : &position->second;
}

bool DeliveryQueue::park(Item& item) {
  Hold* hold = hold_of(item);
  if (hold == nullptr) return false;
  item.state = State::held;
  const Token token = item.delivery.token;
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
  while (!items_.empty() && items_.front().state == State::done) {
    --done_;
    if (items_.front().ends) acknowledged_ = *items_.front().ends;
    items_.pop_front();
    ++first_token_;
  }
  next_ready_ = std::max(next_ready_, first_token_);
}

}  // namespace pbxbridge::deliver
