// The loop's log lines and counts.

#include "deliver/delivery_words.hpp"
#include "deliver/sink_loop.hpp"
#include "pbxbridge/event.hpp"
#include "text/log_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::deliver {

void SinkLoop::count_drop(const spool::Drop& drop) {
  metrics_.events_dropped[static_cast<std::size_t>(drop.reason)].add(static_cast<double>(drop.events));
  if (drop.reason == spool::DropReason::dead_letters_full) return;  // said by the spool, with what can be done
  const std::string reason(to_string(drop.reason));
  log_.write({&observe::log_code::sink_events_dropped,
              subject(),
              "events were dropped before this sink took them: " + reason,
              {{"events", std::to_string(drop.events)}},
              reason});
}

void SinkLoop::say_if_stalled(bool stalled) {
  if (stalled && !stalled_)
    log_.write(observe::log_code::sink_stalled, subject(),
               "so many events are tried again, or wait for one of their key that is, that nothing more is read for "
               "this sink until some of them are taken",
               {{"deliveries_waiting", std::to_string(queue_.unsettled())}});
  stalled_ = stalled;
}

void SinkLoop::update_metrics() {
  delivered_.publish(metrics_.events_delivered);
  acknowledgement_times_.publish(metrics_.acknowledgement_seconds);
  metrics_.in_flight.set(static_cast<double>(queue_.in_flight()));
  metrics_.lag_events.set(static_cast<double>(waiting()));
  metrics_.lag_seconds.set(lag().count());
  pbx_times_.publish(metrics_.pbx_time_to_acknowledgement_seconds);
}

/// Events that were read are older than those that were not.
std::chrono::duration<double> SinkLoop::lag() const {
  const auto oldest = queue_.empty() ? spool_.oldest_unread(cursor_) : queue_.oldest_reception();
  if (!oldest) return std::chrono::duration<double>(0);
  reception_clock_.note();
  return reception_clock_.age(*oldest);
}

SinkStatus SinkLoop::status() const {
  return {.state = shown_state_,
          .since = shown_since_,
          .peer = peer_,
          .last_failure = shown_failure_,
          .lag_events = waiting(),
          .lag = lag(),
          .in_flight = queue_.in_flight(),
          .rejections = rejected_.rejections()};
}

void SinkLoop::stuck(std::string reason, std::string peer_words) {
  if (state_ != State::connected) return;
  note_state(SinkState::stuck);
  const std::string words = words_for_log(queue_, reason, peer_words);
  note_failure(words);
  if (!std::exchange(stuck_logged_, true))
    log_.write(observe::log_code::sink_stuck, subject(), "connected, but events are not acknowledged: " + words,
               {{"in_flight", std::to_string(queue_.in_flight())}});
}

void SinkLoop::unstuck() {
  if (shown_state_ != SinkState::stuck) return;
  note_state(SinkState::connected);
  say_if_unstuck();
}

void SinkLoop::say_if_unstuck() {
  if (shown_state_ == SinkState::connected && std::exchange(stuck_logged_, false))
    log_.write(observe::log_code::sink_unstuck, subject(), "events are acknowledged again",
               {{"events_waiting", std::to_string(waiting())}});
}

void SinkLoop::note_failure(std::string_view words) {
  constexpr std::size_t longest = 1000;
  shown_failure_ = observe::Failure{std::chrono::system_clock::now(), text::log_text(words, longest)};
}

void SinkLoop::note_state(SinkState state) {
  if (std::exchange(shown_state_, state) != state) shown_since_ = std::chrono::system_clock::now();
}

void SinkLoop::report_delivered(const DeliveryQueue::Settled& settled) {
  if (hang_ups_.quiet()) last_failure_.clear();
  if (stuck_logged_) say_if_unstuck();
  delivered_.add();
  turn_time();
  const auto took = reception_clock_.age(settled.delivery.event->received_at());
  acknowledgement_times_.add(std::chrono::duration<double>(took).count());
  if (const auto pbx_time = settled.delivery.event->event_time())
    pbx_times_.add(std::max(0.0, std::chrono::duration<double>(turn_time().system - *pbx_time).count()));
  if (!logged_.empty()) logged_.erase("retry " + settled.delivery.topic);
  if (watch_.is_on()) watch_.ended(name_, settled.delivery, Ending::delivered, {});
  rejected_.delivered(settled);
}

void SinkLoop::report_retry(const DeliveryQueue::Settled& settled, const Outcome& outcome) {
  const Delivery& delivery = settled.delivery;
  if (watch_.is_on()) watch_.ended(name_, delivery, Ending::retry, words_for_log(delivery, outcome));
  if (!is_news("retry " + delivery.topic)) return;
  log_.write({&observe::log_code::sink_retrying, subject(),
              fmt::format("the sink does not take events in topic {} for now, trying again: {}",
                          topic_for_log(delivery), words_for_log(delivery, outcome)),
              fields_for_log(delivery), delivery.topic});
}

/// The number of lines is bounded, because topics come from events.
bool SinkLoop::is_news(const std::string& what) {
  constexpr std::size_t max_logged = 200;
  return logged_.size() < max_logged && logged_.insert(what).second;
}

}  // namespace pbxbridge::deliver
