#pragma once

#include "memory/free_with.hpp"
#include "pbxbridge/error.hpp"
#include "sink/amqp/amqp_message.hpp"
#include "sink/amqp/amqp_settings.hpp"

#include <amqp.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pbxbridge::sink {

struct AmqpConfirm {
  std::uint64_t tag = 0;
  bool multiple = false;
  bool accepted = false;  ///< basic.ack, else basic.nack
};

/// A message that no queue takes.
struct AmqpReturn {
  std::string words;  ///< of the broker: "NO_ROUTE (312)"
  std::string exchange;
  std::string routing_key;
  std::string id;
};

/// The broker takes no messages, or takes them again: a RabbitMQ that is low on memory or disk
/// (https://www.rabbitmq.com/docs/connection-blocked).
struct AmqpBlocked {
  bool is_blocked = false;
  std::string reason;
};

/// Answers `probe`.
struct AmqpAlive {};

using AmqpReply = std::variant<AmqpConfirm, AmqpReturn, AmqpBlocked, AmqpAlive>;

/// One connection by librabbitmq, with a channel for messages and one for questions. For one thread, and each call may
/// block it, except `next`. After an error the object is of no more use.
class AmqpConnection {
 public:
  /// Connects and logs in, each within `connect_timeout`. The broker shows `name` in its list of connections.
  static Result<std::unique_ptr<AmqpConnection>> open(const AmqpSettings& settings, const std::string& name);

  AmqpConnection(const AmqpConnection&) = delete;
  AmqpConnection& operator=(const AmqpConnection&) = delete;

  /// The broker's name and version, and what was agreed on.
  std::string description() const;
  std::size_t frame_bytes() const { return static_cast<std::size_t>(amqp_get_frame_max(state_.get())); }
  /// Seconds as agreed on; 0: there are none, and the peer is not watched.
  int heartbeat() const { return amqp_get_heartbeat(state_.get()); }
  /// The socket. Readable: call `next` until there is nothing.
  int descriptor() const { return amqp_get_sockfd(state_.get()); }

  /// The outcome is empty where the exchange is there, else the broker's words.
  Result<std::string> missing_exchange(const std::string& exchange);
  Result<void> publish(const AmqpPublish& publish, const AmqpMessage& message);
  /// A question that has an answer and no effect.
  Result<void> probe();
  /// Returns the next thing that the broker has sent, nothing where there is none now. Sends heartbeats as they are
  /// due.
  Result<std::optional<AmqpReply>> next();
  /// Says good-bye, and waits a second for the answer.
  void close();

 private:
  using State = std::unique_ptr<amqp_connection_state_t_, memory::FreeWith<amqp_destroy_connection>>;

  explicit AmqpConnection(const AmqpSettings& settings);

  Result<void> connect();
  Result<void> log_in(const std::string& name);
  Result<void> open_channels();
  std::optional<AmqpReply> take_content(const amqp_frame_t& frame);
  Result<std::optional<AmqpReply>> take_method(const amqp_frame_t& frame);
  Error failure(const amqp_rpc_reply_t& reply, std::string_view at) const;
  Error failure(int status) const;

  const AmqpSettings settings_;
  const std::string broker_;
  State state_;
  std::optional<AmqpReturn> returned_;  // its content is on the way
  std::uint64_t returned_bytes_to_come_ = 0;
};

}  // namespace pbxbridge::sink
