#pragma once

#include "nats_settings.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <nats/nats.h>
#include <pbxbridge/outcome_queue.hpp>
#include <string>

namespace nats_sink {

/// One connection to a NATS server, on a thread of its own: calls of libnats may block while the server takes nothing.
///
/// Each message names a reply subject that ends in its token; the stream answers there. libnats calls back on threads
/// of its own, so all results go through an `OutcomeQueue` or a posted handler.
class NatsSession : public std::enable_shared_from_this<NatsSession> {
 public:
  struct Message {
    std::uint64_t token = 0;
    pbxbridge::EventPtr event;
    std::string subject;
    pbxbridge::Format format = pbxbridge::Format::raw;
    bool redelivery = false;
  };
  /// Called on a thread of the session's, each once at the most.
  struct Handlers {
    std::function<void(std::string detail, std::size_t largest_payload)> connected;
    std::function<void(pbxbridge::Error error)> lost;
  };

  NatsSession(const NatsSettings& settings, std::string name, std::shared_ptr<pbxbridge::OutcomeQueue> outcomes,
              Handlers handlers);
  ~NatsSession();
  NatsSession(const NatsSession&) = delete;
  NatsSession& operator=(const NatsSession&) = delete;

  /// The thread holds this object and is never joined: a server that hangs must not hang the caller.
  void start();
  void publish(Message message);
  /// Ends the thread as soon as the call it is in returns. No handler is called afterwards, and no outcome pushed.
  void abandon();

 private:
  void run();
  natsStatus connect();
  natsStatus subscribe();
  natsStatus configure(natsOptions* options, std::string& password) const;
  bool publish_all(std::deque<Message> messages);
  natsStatus send(const Message& message);
  void add_headers(natsMsg* message, const Message& content, pbxbridge::Format format);
  void take_acknowledgement(natsMsg* acknowledgement);
  void reject(std::uint64_t token, std::string reason);
  void lose(std::string text);
  bool is_abandoned();

  static void acknowledged(natsConnection*, natsSubscription*, natsMsg* message, void* closure);
  static void closed(natsConnection*, void* closure);

  const NatsSettings settings_;
  const std::string name_;
  const std::shared_ptr<pbxbridge::OutcomeQueue> outcomes_;
  Handlers handlers_;  // under mutex_
  pbxbridge::CloudEventAttributes attributes_;
  std::string structured_;
  std::string text_;  // of one header, for its capacity
  std::string inbox_;
  natsConnection* connection_ = nullptr;
  natsSubscription* acknowledgements_ = nullptr;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> queue_;  // under mutex_
  bool abandoned_ = false;     // under mutex_
  bool lost_ = false;          // under mutex_
};

}  // namespace nats_sink
