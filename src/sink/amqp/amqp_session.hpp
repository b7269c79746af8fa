#pragma once

#include "pbxbridge/outcome_queue.hpp"
#include "sink/amqp/amqp_connection.hpp"
#include "sink/amqp/amqp_in_flight.hpp"
#include "sink/amqp/amqp_message.hpp"
#include "sink/amqp/amqp_settings.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// One session with the broker, on a thread of its own: calls of librabbitmq block. Public functions are for the io
/// thread, and never wait.
class AmqpSession : public std::enable_shared_from_this<AmqpSession> {
 public:
  /// Called on the session's thread.
  struct Handlers {
    std::function<void(std::string detail)> connected;
    std::function<void(Error error)> lost;  ///< once at the most, and nothing after it
    std::function<void(bool is_blocked, std::string reason)> blocked;
    std::function<void()> alive;
    std::function<void()> left;
  };

  AmqpSession(const AmqpSettings& settings, std::string name, std::shared_ptr<OutcomeQueue> outcomes,
              Handlers handlers);
  ~AmqpSession();
  AmqpSession(const AmqpSession&) = delete;
  AmqpSession& operator=(const AmqpSession&) = delete;

  void start();
  /// Takes messages for the next `flush`.
  void publish(AmqpPublish message) { gathered_.push_back(std::move(message)); }
  void flush();
  /// Answered by `alive`.
  void probe();
  /// Says good-bye to the broker; answered by `left`.
  void leave();
  /// Ends the connection under whatever call the thread is in. No handler is called afterwards, and no outcome pushed.
  void abandon();

 private:
  struct Work {
    std::vector<AmqpPublish> messages;
    bool probe = false;
    bool leave = false;
    bool is_abandoned = false;
  };
  struct MissingExchange {
    std::string words;
    std::chrono::steady_clock::time_point ask_again_at;
  };

  void run();
  bool adopt_connection();
  bool do_work(Work& work);
  Work take_work();
  void wait() const;
  Result<void> publish_all(std::vector<AmqpPublish>& messages);
  Result<void> publish_one(AmqpPublish& message);
  Result<std::string> missing_exchange(const std::string& exchange);
  Result<void> take_replies();
  Result<void> take(AmqpConfirm& confirm);
  Result<void> take(AmqpReturn& returned);
  Result<void> take(AmqpBlocked& blocked);
  Result<void> take(AmqpAlive&);
  void push_outcomes();
  void lose(Error error);
  void wake() const;
  template <class Member, class... Arguments>
  void tell(Member handler, Arguments&&... arguments);

  const AmqpSettings settings_;
  const std::string name_;
  const std::shared_ptr<OutcomeQueue> outcomes_;
  const int wake_up_;                  // eventfd
  std::vector<AmqpPublish> gathered_;  // io thread only

  // The session's thread only:
  std::unique_ptr<AmqpConnection> connection_;
  AmqpInFlight in_flight_;
  AmqpInFlight::Outcomes settled_;
  AmqpMessage message_;
  std::map<std::string, MissingExchange> exchanges_;  // that were asked for; without words where they are there
  bool is_blocked_ = false;

  std::mutex mutex_;
  // Under mutex_:
  Handlers handlers_;
  Work work_;
  int descriptor_ = -1;  // a copy of the socket's, by which another thread can shut it down
};

}  // namespace pbxbridge::sink
