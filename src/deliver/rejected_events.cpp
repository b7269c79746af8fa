#include "deliver/rejected_events.hpp"

#include "deliver/delivery_words.hpp"
#include "pbxbridge/event.hpp"
#include "text/mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace pbxbridge::deliver {

void RejectedEvents::delivered(const DeliveryQueue::Settled& settled) {
  if (!copies_.empty()) copies_.erase(settled.delivery.token);
  if (redriven_.empty()) return;
  const auto redriven = redriven_.extract(settled.delivery.token);
  if (redriven.empty()) return;
  letters_->forget(sink_, redriven.mapped());
  log_.write(observe::log_code::sink_dead_letter_redriven, subject(), "a dead letter was delivered",
             {{"topic", topic_for_log(settled.delivery)}, {"event_id", settled.delivery.event->id()}});
}

void RejectedEvents::rejected(DeliveryQueue::Settled settled, const Outcome& outcome) {
  const Delivery& delivery = settled.delivery;
  const bool is_copy = copies_.erase(delivery.token) > 0;
  const bool is_kept = letters_ != nullptr && !is_copy;
  metrics_.events_rejected.add();
  auto fields = fields_for_log(delivery);
  fields.push_back({"size_bytes", std::to_string(delivery.event->payload().size())});
  const std::string shown_reason = words_for_log(delivery, outcome);
  rejections_.push_back({std::chrono::system_clock::now(), delivery.event->id(),
                         text::plain_name(delivery.event->event_type()), delivery.event->family(), shown_reason});
  if (rejections_.size() > most_rejections) rejections_.pop_front();
  log_.write({&observe::log_code::sink_rejected, subject(),
              fmt::format("the sink rejected an event for good, {}: {}",
                          is_kept ? "it is kept as a dead letter" : "it is lost to this sink", shown_reason),
              std::move(fields), delivery.topic});
  if (watch_.is_on()) watch_.ended(sink_, delivery, is_kept ? Ending::dead_letter : Ending::dropped, shown_reason);
  if (is_copy) return count_drop(spool::DropReason::rejected);
  if (rejected_) rejected_(delivery.event);
  if (letters_ != nullptr)
    bury(std::move(settled), outcome);
  else
    count_drop(spool::DropReason::rejected);
}

void RejectedEvents::end() {
  for (const auto& [token, letter] : std::exchange(redriven_, {})) letters_->give_back(sink_, letter);
  count_drop(spool::DropReason::dead_letter_copy, std::exchange(copies_, {}).size());
}

void RejectedEvents::count_drop(spool::DropReason reason, std::size_t events) {
  metrics_.events_dropped[static_cast<std::size_t>(reason)].add(static_cast<double>(events));
}

void RejectedEvents::bury(DeliveryQueue::Settled settled, const Outcome& outcome) {
  const auto redriven = redriven_.extract(settled.delivery.token);
  spool::DeadLetter letter;
  letter.attempts = settled.attempts + (redriven.empty() ? 0 : redriven.mapped().attempts);
  letter.event = std::move(settled.delivery.event);
  letter.topic = std::move(settled.delivery.topic);
  letter.key = std::move(settled.delivery.key);
  letter.reason = whole_reason(outcome);
  letter.rejected_at = std::chrono::system_clock::now();
  // Under another topic or key it is another letter.
  if (!redriven.empty() && dead_letter_key(redriven.mapped()) != dead_letter_key(letter))
    letters_->forget(sink_, redriven.mapped());
  letters_->bury(sink_, std::move(letter));
}

void RejectedEvents::add_redriven(const route::Router& router, route::Router::Scratch& scratch) {
  if (letters_ == nullptr) return;
  for (spool::DeadLetter& letter : letters_->take_redriven(sink_)) {
    routed_.clear();
    router.route(*letter.event, sink_, scratch, routed_);
    redriven_.emplace(queue_.add_other(delivery_of(letter, routed_)), std::move(letter));
  }
}

/// Follows the routes as they are now, because they may be what was fixed: to the letter's topic with the key that it
/// has now, else to the one that they name. Where they name none, or several others, to where it should have gone.
Delivery RejectedEvents::delivery_of(const spool::DeadLetter& letter, std::vector<route::Routed>& routed) const {
  const auto is_topic = [&letter](const auto& each) { return each.topic == letter.topic; };
  auto same = std::find_if(routed.begin(), routed.end(),
                           [&](const auto& each) { return is_topic(each) && each.key == letter.key; });
  if (same == routed.end()) same = std::find_if(routed.begin(), routed.end(), is_topic);
  if (same == routed.end() && routed.size() == 1) same = routed.begin();
  Delivery delivery;
  delivery.event = letter.event;
  delivery.topic = letter.topic;
  delivery.key = letter.key;
  delivery.redelivery = true;
  if (same != routed.end()) {
    delivery.topic = same->topic;
    delivery.key = same->key;
    delivery.options = same->options;
  }
  return delivery;
}

void RejectedEvents::add_copy(const EventPtr& event, route::Routed routed) {
  copies_dropped_ = false;
  Delivery delivery;
  delivery.event = event;
  delivery.topic = std::move(routed.topic);
  delivery.key = std::move(routed.key);
  delivery.options = std::move(routed.options);
  copies_.insert(queue_.add_other(std::move(delivery)));
}

void RejectedEvents::drop_copy(const EventPtr& event) {
  count_drop(spool::DropReason::dead_letter_copy);
  if (std::exchange(copies_dropped_, true)) return;
  const std::string reason(to_string(spool::DropReason::dead_letter_copy));
  log_.write(
      {&observe::log_code::sink_events_dropped,
       subject(),
       "so much waits for this sink that it does not get what another has rejected; the dead letters themselves are "
       "kept, and further copies only counted until there is room",
       {{"reason", reason}, {"event_id", event->id()}, {"event_type", text::plain_name(event->event_type())}},
       reason});
}

}  // namespace pbxbridge::deliver
