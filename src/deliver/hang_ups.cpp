#include "deliver/hang_ups.hpp"

#include "deliver/delivery_words.hpp"
#include "pbxbridge/event.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>
#include <vector>

namespace pbxbridge::deliver {

HangUps::HangUps(boost::asio::io_context& io, std::string sink, DeliveryQueue& queue, RejectedEvents& rejected,
                 observe::Log& log, std::function<void()> pump)
    : sink_(std::move(sink)),
      queue_(queue),
      rejected_(rejected),
      log_(log),
      pump_(std::move(pump)),
      timer_(io.get_executor()) {}

void HangUps::connected(Time now) { suspicion_.connected(now); }

void HangUps::connection_lost(const Error& error, bool was_connected) {
  timer_.cancel();
  if (!was_connected) return suspicion_.unreachable();
  if (!error.hung_up_at) return suspicion_.broke();
  last_words_ = error.text;
  const bool may_be_a_setting = error.category == ErrorCategory::configuration;
  const auto suspect = suspicion_.hung_up(queue_.tokens_in_flight(), *error.hung_up_at, may_be_a_setting);
  if (!suspect) return;
  report_suspect(*suspect);
  const std::string& topic = queue_.delivery(*suspect).topic;
  if (forbidden_topics_.suspected(topic)) report_forbidden(*suspect);
  if (forbidden_topics_.contains(topic)) topic_to_defer_ = topic;
}

void HangUps::defer_suspects() {
  for (const auto token : suspicion_.suspects()) queue_.defer(token);
  if (const auto topic = std::exchange(topic_to_defer_, std::nullopt)) defer_forbidden(*topic);
}

std::size_t HangUps::advance(Sink& sink, const std::function<bool(const Delivery&)>& hand_off, Time now) {
  using Kind = Suspicion::Step::Kind;
  while (!quiet()) {
    const auto step = suspicion_.next(queue_.in_flight(), now);
    wait_until(suspicion_.next_at());
    switch (step.kind) {
      case Kind::others:
        return step.window;
      case Kind::wait:
        return 0;
      case Kind::probe:
        if (sink.probe()) return 0;
        suspicion_.alive(now);
        break;
      case Kind::reject:
        reject(step.token, now);
        break;
      case Kind::alone:
        if (const Delivery* suspect = queue_.take_deferred(step.token)) {
          try_alone(*suspect, hand_off, now);
          return 0;
        }
        // Waits for an earlier one of its key, and follows it as any other.
        suspicion_.settled(step.token, Outcome::Kind::retry, now);
    }
  }
  return std::numeric_limits<std::size_t>::max();
}

void HangUps::try_alone(const Delivery& suspect, const std::function<bool(const Delivery&)>& hand_off, Time now) {
  const auto token = suspect.token;
  suspicion_.handed_off_alone(token, now);
  if (hand_off(suspect)) return;
  suspicion_.put_back();
  queue_.defer(token);
}

void HangUps::reject(DeliveryQueue::Token token, Time now) {
  const std::string topic = queue_.delivery(token).topic;
  if (queue_.take_deferred(token) != nullptr)
    if (auto settled = queue_.settle(token, Outcome::Kind::reject, now))
      rejected_.rejected(
          std::move(*settled),
          Outcome::reject(fmt::format("the peer ended the connection each time that this event alone was in flight, "
                                      "and was well before and after: {}",
                                      last_words_)));
  suspicion_.settled(token, Outcome::Kind::reject, now);
  if (forbidden_topics_.contains(topic)) defer_forbidden(topic);  // the next of its key
}

void HangUps::settled(DeliveryQueue::Token token, Outcome::Kind outcome, Time now) {
  suspicion_.settled(token, outcome, now);
  if (forbidden_topics_.empty() || outcome != Outcome::Kind::delivered || !queue_.is_in_flight(token)) return;
  const std::string& topic = queue_.delivery(token).topic;
  if (forbidden_topics_.delivered(topic)) release(topic, now);
}

void HangUps::defer_if_forbidden(DeliveryQueue::Token token) {
  if (!forbidden_topics_.contains(queue_.delivery(token).topic)) return;
  if (queue_.defer(token)) suspicion_.suspect(token);
}

/// Nothing is in flight.
void HangUps::defer_forbidden(const std::string& topic) {
  std::vector<DeliveryQueue::Token> tokens;
  queue_.for_each_unsettled([&](const Delivery& delivery) {
    if (delivery.topic == topic) tokens.push_back(delivery.token);
  });
  for (const auto token : tokens) defer_if_forbidden(token);
}

void HangUps::release(const std::string& topic, Time now) {
  for (const auto token : suspicion_.suspects()) {
    if (queue_.delivery(token).topic != topic) continue;
    suspicion_.clear(token);
    queue_.undefer(token, now);
  }
}

void HangUps::report_suspect(DeliveryQueue::Token token) const {
  const Delivery& delivery = queue_.delivery(token);
  auto fields = fields_for_log(delivery);
  fields.push_back({"size_bytes", std::to_string(delivery.event->payload().size())});
  log_.write(
      {&observe::log_code::sink_suspect, "sink " + sink_,
       "the connection ended with this event in flight and did so before, so it is tried alone while others pass "
       "it: " +
           words_for_log(delivery, last_words_),
       std::move(fields)});
}

void HangUps::report_forbidden(DeliveryQueue::Token token) const {
  log_.write({&observe::log_code::sink_suspect, "sink " + sink_,
              "the peer ended the connection for two events of this topic, one after the other, so all of it are tried "
              "alone while others pass them, until it takes one",
              fields_for_log(queue_.delivery(token))});
}

void HangUps::wait_until(Time time) {
  if (time == Time::max()) return;
  timer_.after(time - Time::clock::now(), [this] { pump_(); });
}

}  // namespace pbxbridge::deliver
