#pragma once

#include "config/pbx_config.hpp"
#include "event/queue_name.hpp"
#include "observe/log.hpp"
#include "pbx/rest_list.hpp"
#include "pbx/session_metrics.hpp"
#include "pbx/session_status.hpp"
#include "pbxbridge/system_time.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::pbx {

/// Circumstances in which a payload came.
struct Reception {
  SystemTime at{};
  std::uint32_t connection_epoch = 0;
  bool is_snapshot = false;  ///< `Event::is_snapshot`
};

/// Takes what a session receives. Called on the io thread; must return quickly and never throw.
class EventReceiver {
 public:
  /// `payload` is valid for the call only. False: there is no room for another event for now, and the source pauses
  /// until `Session::resume`. The session does so for a bounded time only, and more may come even so.
  [[nodiscard]] virtual bool receive(std::string_view pbx, std::string_view payload, const Reception& reception) = 0;

  /// A message was too large, and dropped.
  virtual void message_dropped(std::string_view pbx) = 0;

  /// From `at` on the PBX pushes all that was subscribed to, or no longer does. Of some subscriptions events may come
  /// before.
  virtual void subscribed(std::string_view pbx, bool is_subscribed, SystemTime at) = 0;

  /// The present state of the PBX is asked for once more, on the connection that stands; `is_answered`: each subscribe
  /// that asks for it has its answer now.
  virtual void snapshots_asked(std::string_view pbx, bool is_answered) = 0;

  /// The status of the session may have changed: its state, its subscriptions, its latest failure. After `subscribed`.
  virtual void status_changed(std::string_view pbx, const SessionStatus& status) = 0;

 protected:
  ~EventReceiver() = default;
};

/// One PBX account: connects, authenticates, subscribes, receives, pings, reconnects, forever, until stopped. Executes
/// what `SessionMachine` decides. Io thread only.
class Session {
 public:
  /// `max_pause`: how long it reads nothing, at the longest, after the receiver had no more room.
  Session(boost::asio::io_context& io, config::PbxConfig config, EventReceiver& receiver, observe::Log& log,
          SessionMetrics& metrics, std::chrono::milliseconds max_pause = std::chrono::seconds(5));
  ~Session();

  void start();

  /// The receiver has room again. May be called at any time, also from within `receive`.
  void resume();

  /// Unsubscribes, closes and calls `stopped` once, within about two seconds. Events that arrive meanwhile are still
  /// handed off.
  void stop(std::function<void()> stopped);

  const SessionStatus& status() const;

  void set_max_pause(std::chrono::milliseconds max_pause);
  /// Subscribes to what is new and unsubscribes from what is gone; used by a reload.
  void update_subscriptions(std::vector<config::SubscribeConfig> subscribe);
  /// Has the PBX push its present state once more, where it does so after a subscribe.
  void ask_for_snapshots();
  /// The same of these queues alone, where subscriptions select them.
  void ask_for_queues(event::QueueNames queues);
  /// Asks the PBX's REST interface, where it is configured, for a list. `listed` is called at most once, with the
  /// answer; a failure is logged. Another question takes the place of one about the same list that is under way.
  void ask_for_list(RestList list, std::function<void(const ListedNames&)> listed);

 private:
  class Runner;
  std::shared_ptr<Runner> runner_;
};

}  // namespace pbxbridge::pbx
