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

void DeliveryQueue::add(Delivery delivery) {
  delivery.token = first_token_ + items_.size();
  bytes_ += memory_of(delivery);
  items_.push_back({std::move(delivery), std::nullopt, State::ready, 0});
}

void DeliveryQueue::end_event(Sequence sequence) {
  if (items_.empty())
    acknowledged_ = sequence;
  else
    items_.back().ends = sequence;
}

const Delivery* DeliveryQueue::take_next(Time now) {
  if (const Delivery* due = take_due(now)) return due;
  if (!released_.empty()) return take(item(released_.extract(released_.begin()).value()));
  for (; next_ready_ < first_token_ + items_.size(); ++next_ready_) {
    Item& candidate = item(next_ready_);
    if (candidate.state != State::ready) continue;
    if (is_held(candidate)) {
      candidate.state = State::held;
      holds_.find(order_key(candidate.delivery))->second.tokens.insert(candidate.delivery.token);
      continue;
    }
    ++next_ready_;
    return take(candidate);
  }
  return nullptr;
}

void DeliveryQueue::put_back(Token token) {
  if (token < first_token_ || token >= first_token_ + items_.size()) return;
  Item& taken = item(token);
  if (taken.state != State::in_flight) return;
  --in_flight_;
  const auto position = holds_.find(order_key(taken.delivery));
  if (position != holds_.end() && position->second.trying == token) {
    hold(taken, Time::min());
    return;
  }
  taken.state = State::ready;
  released_.insert(token);
}

EventPtr DeliveryQueue::settle(Token token, Outcome::Kind outcome, Time now) {
  if (token < first_token_ || token >= first_token_ + items_.size()) return nullptr;
  Item& settled = item(token);
  if (settled.state != State::in_flight) return nullptr;
  --in_flight_;
  EventPtr event = settled.delivery.event;
  if (outcome == Outcome::Kind::retry) {
    ++settled.failed_attempts;
    hold(settled, now + retry_delay_(settled.failed_attempts));
    return event;
  }
  settled.state = State::done;
  release_hold(settled.delivery);
  remove_done();
  return event;
}

void DeliveryQueue::connection_lost() {
  for (Item& each : items_) {
    if (each.state == State::in_flight) each.delivery.redelivery = true;
    if (each.state != State::done) each.state = State::ready;
  }
  holds_.clear();
  released_.clear();
  in_flight_ = 0;
  next_ready_ = first_token_;
}

std::optional<DeliveryQueue::Time> DeliveryQueue::next_retry() const {
  std::optional<Time> next;
  for (const auto& [key, hold] : holds_)
    if (!hold.trying && (!next || hold.due < *next)) next = hold.due;
  return next;
}

bool DeliveryQueue::is_held(const Item& item) const {
  return !holds_.empty() && holds_.contains(order_key(item.delivery));
}

void DeliveryQueue::hold(Item& item, Time due) {
  const Token token = item.delivery.token;
  item.state = State::held;
  item.delivery.redelivery = true;
  Hold& hold = holds_[order_key(item.delivery)];
  if (hold.trying == token) hold.trying.reset();
  hold.tokens.insert(token);
  if (*hold.tokens.begin() == token) hold.due = due;
}

const Delivery* DeliveryQueue::take(Item& item) {
  item.state = State::in_flight;
  ++in_flight_;
  return &item.delivery;
}

const Delivery* DeliveryQueue::take_due(Time now) {
  for (auto& [key, hold] : holds_) {
    if (hold.trying || hold.due > now) continue;
    hold.trying = hold.tokens.extract(hold.tokens.begin()).value();
    return take(item(*hold.trying));
  }
  return nullptr;
}

void DeliveryQueue::release_hold(const Delivery& delivery) {
  if (holds_.empty()) return;
  const auto position = holds_.find(order_key(delivery));
  // One that was in flight beside the one held back settles without ending the hold.
  if (position == holds_.end() || position->second.trying != delivery.token) return;
  for (const Token token : position->second.tokens) {
    item(token).state = State::ready;
    released_.insert(token);
  }
  holds_.erase(position);
}

void DeliveryQueue::remove_done() {
  while (!items_.empty() && items_.front().state == State::done) {
    bytes_ -= memory_of(items_.front().delivery);
    if (items_.front().ends) acknowledged_ = *items_.front().ends;
    items_.pop_front();
    ++first_token_;
  }
  next_ready_ = std::max(next_ready_, first_token_);
}

}  // namespace pbxbridge::deliver
