#pragma once

#include "pbxbridge/outcome_queue.hpp"
#include "sink/amqp/amqp_message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sink {

/// Messages that the broker has not confirmed, by their delivery tags: 1, 2, 3 in the order of publishing
/// (https://www.rabbitmq.com/docs/confirms). Without I/O.
///
/// A message that no queue takes comes back before its confirm, without its delivery tag: it is found by its addresses
/// and its id.
class AmqpInFlight {
 public:
  using Outcomes = std::vector<OutcomeQueue::Entry>;

  void add(AmqpPublish message);
  std::size_t size() const { return size_; }

  /// basic.return; `outcome` is that of the message once it is confirmed.
  void returned(std::string_view exchange, std::string_view routing_key, std::string_view id, Outcome outcome);

  /// basic.ack and basic.nack; `multiple`: of all messages up to this one. The outcomes are appended. Returns false
  /// where the broker confirms what it was not sent, or what it has confirmed.
  [[nodiscard]] bool acknowledged(std::uint64_t tag, bool multiple, Outcomes& outcomes);
  [[nodiscard]] bool rejected(std::uint64_t tag, bool multiple, Outcomes& outcomes);

 private:
  struct Message {
    AmqpPublish publish;
    std::optional<Outcome> returned;  // of one that came back
    bool is_done;
  };

  bool settle(std::uint64_t tag, bool multiple, bool accepted, Outcomes& outcomes);

  std::deque<Message> messages_;
  std::uint64_t first_tag_ = 1;  // of messages_.front()
  std::size_t size_ = 0;
};

}  // namespace pbxbridge::sink
