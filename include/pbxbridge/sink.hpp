#pragma once

// The contract of a sink adapter. The core (src/deliver) owns everything around it: window, order per key, retry and
// back-off, dead letters, the cursor, logging and metrics. An adapter only translates to its library.
//
// Threads: the core calls a sink on the io thread only, and a sink calls its `SinkObserver` on the io thread only. A
// library's own threads hand their results off through `OutcomeQueue` or `boost::asio::post(context.executor, ...)`.
//
// Life: one sink object is one connection's life. `connect` is called once. After `connection_lost` the core destroys
// the object and, after a back-off, makes a new one: what was in flight is delivered again. Nothing is
// called on the observer from within the destructor or after it.

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace pbxbridge {

/// The core's side of a sink. All on the io thread.
class SinkObserver {
 public:
  /// `detail` is for the log: what was reached and how ("mosquitto:1883, MQTT 5, receive maximum 20").
  virtual void connected(std::string detail) = 0;
  /// Ends this object's life, whether it was ever connected or not. At most once. The next one is made after the core's
  /// back-off, or the error's `wait` where that is longer.
  ///
  /// Some peers reject an event by ending the connection. `error.hung_up_at` says that this can be so: the connection
  /// stood, the peer ended it and gave no reason that has nothing to do with an event. The core then finds out which
  /// event it is, by delivering it alone. A sink never sets it where a connection could not be made or fell silent.
  virtual void connection_lost(Error error) = 0;
  /// Exactly once for each delivery that `deliver` took, unless the connection is lost first. Never from within
  /// `deliver`, which is in the middle of handing it off: post it, or push it to an `OutcomeQueue`.
  virtual void outcome(std::uint64_t token, Outcome outcome) = 0;
  /// There is room again after `deliver` returned false.
  virtual void writable() = 0;
  /// Something an operator should know that changes no state ("session taken over by another client"). Rate-limited by
  /// the core. `peer_words`: of the far side or of a library, as in `Error`.
  virtual void notice(std::string text, std::string peer_words) = 0;
  void notice(std::string text) { notice(std::move(text), {}); }
  /// The far side has answered a `probe`.
  virtual void alive() {}
  /// The connection stands, and the far side acknowledges nothing of what it was sent, or nothing of a part of it, for
  /// some seconds already. Says why, as in `Error`. May be called again, where the reason has changed.
  virtual void stuck(std::string reason, std::string peer_words) {
    static_cast<void>(reason);
    static_cast<void>(peer_words);
  }
  /// Called after `stuck`, once all is acknowledged again as it should be. The end of the connection needs none.
  virtual void unstuck() {}

 protected:
  ~SinkObserver() = default;
};

class Sink {
 public:
  virtual ~Sink() = default;

  /// Starts connecting; answered by `connected` or `connection_lost`, possibly from within the call. Never blocks.
  virtual void connect() = 0;

  /// Takes a delivery, or returns false where there is no room now (then `writable` follows). Deliveries of the same
  /// key and topic keep their order. Never blocks. Called only between `connected` and `connection_lost` or `close`.
  [[nodiscard]] virtual bool deliver(const Delivery& delivery) = 0;

  /// Comes once after the last `deliver` of a turn of the io thread, whether it was taken or not. A sink that sends
  /// batches gathers until then: it needs no timer, and an event that comes alone waits for no other. Never blocks.
  virtual void flush() {}

  /// Hands what is buffered to the far side, says good-bye and calls `closed` once, at the latest after `timeout`.
  /// Outcomes may still come until `closed`. No `connection_lost` after this call.
  virtual void close(std::chrono::milliseconds timeout, std::function<void()> closed) = 0;

  /// Asks the far side for a sign of life, which `alive` reports: it shows that the connection itself is well. Returns
  /// false where there is nothing to ask; a sink that sets `Error::hung_up_at` can. Called while connected, never while
  /// an answer is due, and only after a connection was hung up. Never blocks.
  [[nodiscard]] virtual bool probe() { return false; }

  /// SIGHUP: files are opened again, so that log rotation from outside works. Others have nothing to do.
  virtual void reopen() {}

  /// Returns how many deliveries may wait for their outcome at once. May change when connected.
  virtual std::size_t window() const = 0;

  /// Largest payload in bytes that the far side takes, as far as it is known once connected. The core rejects a larger
  /// one itself, unsent. A message has more to it than its payload, so a sink still rejects what is too large in all.
  virtual std::size_t largest_payload() const { return std::numeric_limits<std::size_t>::max(); }
};

struct SinkContext {
  std::string name;  ///< name of the sink in the configuration
  boost::asio::any_io_executor executor;
  SinkObserver& observer;
};

}  // namespace pbxbridge
