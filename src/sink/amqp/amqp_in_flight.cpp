#include "sink/amqp/amqp_in_flight.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::sink {

void AmqpInFlight::add(AmqpPublish message) {
  messages_.push_back({std::move(message), {}, false});
  ++size_;
}

void AmqpInFlight::returned(std::string_view exchange, std::string_view routing_key, std::string_view id,
                            Outcome outcome) {
  const auto found = std::ranges::find_if(messages_, [&](const Message& message) {
    const AmqpPublish& publish = message.publish;
    return !message.is_done && !message.returned && publish.routing_key == routing_key &&
           publish.exchange == exchange && publish.event->id() == id;
  });
  if (found != messages_.end()) found->returned = std::move(outcome);
}

bool AmqpInFlight::acknowledged(std::uint64_t tag, bool multiple, Outcomes& outcomes) {
  return settle(tag, multiple, true, outcomes);
}

bool AmqpInFlight::rejected(std::uint64_t tag, bool multiple, Outcomes& outcomes) {
  return settle(tag, multiple, false, outcomes);
}

bool AmqpInFlight::settle(std::uint64_t tag, bool multiple, bool accepted, Outcomes& outcomes) {
  // A tag of 0 with `multiple` means all (AMQP 0-9-1, basic.ack).
  if (tag == 0 && multiple && !messages_.empty()) tag = first_tag_ + messages_.size() - 1;
  if (tag < first_tag_ || tag - first_tag_ >= messages_.size()) return false;
  const auto last = static_cast<std::size_t>(tag - first_tag_);
  if (messages_[last].is_done) return false;
  for (std::size_t i = multiple ? 0 : last; i <= last; ++i) {
    Message& message = messages_[i];
    if (std::exchange(message.is_done, true)) continue;
    --size_;
    Outcome outcome = Outcome::delivered();
    if (!accepted)
      outcome = Outcome::retry("the broker could not take it (basic.nack): a queue is full, or not available");
    else if (message.returned)
      outcome = *std::move(message.returned);
    outcomes.emplace_back(message.publish.token, std::move(outcome));
    message.publish = {};
  }
  while (!messages_.empty() && messages_.front().is_done) {
    messages_.pop_front();
    ++first_tag_;
  }
  return true;
}

}  // namespace pbxbridge::sink
