#pragma once

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "config/sink_config.hpp"
#include "deliver/delivery_queue.hpp"
#include "deliver/hang_ups.hpp"
#include "deliver/outcome_watch.hpp"
#include "deliver/rejected_events.hpp"
#include "deliver/sink_metrics.hpp"
#include "deliver/sink_status.hpp"
#include "observe/local_counts.hpp"
#include "observe/log.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/sink.hpp"
#include "pbxbridge/system_time.hpp"
#include "retry/backoff.hpp"
#include "route/router.hpp"
#include "spool/dead_letters/dead_letters.hpp"
#include "spool/event_log.hpp"
#include "spool/log/reception_clock.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::deliver {

/// Read once for all outcomes that come together and for what is handed off after them.
struct TurnTime {
  std::chrono::steady_clock::time_point steady = std::chrono::steady_clock::now();
  SystemTime system = std::chrono::system_clock::now();
};

/// One sink's loop: reads the spool after the sink's cursor, asks the routes, keeps the window full, tries again, and
/// moves the cursor past what is acknowledged. Makes a new sink object for each connection, with a back-off between.
/// Knows nothing of other sinks and can be as slow as it likes. Io thread only.
class SinkLoop final : public SinkObserver {
 public:
  /// Makes the sink object for one connection.
  using MakeSink = std::function<std::unique_ptr<Sink>(SinkContext)>;

  /// `letters`: null where none are kept. `watch` is told how each delivery ends.
  SinkLoop(boost::asio::io_context& io, std::string name, const config::SinkConfig& config, MakeSink make_sink,
           spool::EventCursors& spool, spool::DeadLetters* letters, std::shared_ptr<const route::Router> router,
           observe::Log& log, SinkMetrics& metrics, OutcomeWatch& watch);
  ~SinkLoop();
  SinkLoop(const SinkLoop&) = delete;
  SinkLoop& operator=(const SinkLoop&) = delete;

  void start();
  /// There is something to read; cheap, may be called for each event.
  void wake();
  /// Sets the routes of events that are read from now on.
  void use_routes(std::shared_ptr<const route::Router> router);
  /// Called with each event that the sink has rejected for good; set once.
  void set_on_rejected(std::function<void(const EventPtr&)> callback) {
    rejected_.set_on_rejected(std::move(callback));
  }
  /// Takes a copy of an event that another sink has rejected; lost at a restart, and counted as dropped where there is
  /// no room.
  void deliver_as_well(const EventPtr& event, route::Routed routed);
  void reopen();
  void count_drop(const spool::Drop& drop);
  /// Brings the metrics up to date; before they are read.
  void update_metrics();
  spool::CursorId cursor() const { return cursor_; }
  SinkStatus status() const;
  /// Events that each route has sent to this sink since the routes were applied, by the route's place from 0.
  std::span<const std::uint64_t> taken_by_route() const { return taken_by_route_; }
  /// Deliveries that the routes have made for it since the start.
  std::uint64_t deliveries_made() const { return deliveries_made_; }

  enum class StopMode : std::uint8_t {
    when_drained,  ///< once everything that the spool holds is delivered
    at_once        ///< once what is in flight has its outcome: whoever opens the cursor next goes on with the rest
  };
  /// Closes the sink, within `timeout`; calls `stopped` once with how much was not acknowledged: events that were not
  /// read, and deliveries of those that were. Where it was called before, only the last `stopped` is called.
  void stop(StopMode mode, std::chrono::milliseconds timeout, std::function<void(std::uint64_t rest)> stopped);

 private:
  enum class State : std::uint8_t { waiting, connecting, connected, closing, closed };

  void connected(std::string detail) override;
  void connection_lost(Error error) override;
  void outcome(std::uint64_t token, Outcome outcome) override;
  void writable() override;
  void notice(std::string text, std::string peer_words) override;
  void alive() override;
  void stuck(std::string reason, std::string peer_words) override;
  void unstuck() override;

  void connect();
  void pump();
  bool read_more();
  bool has_room() const;  // in the queue
  bool is_ending() const { return state_ == State::closing || state_ == State::closed; }
  void say_if_stalled(bool stalled);
  void add_deliveries(const EventPtr& event);
  void count_taken();
  void leave_out_done(const Event& event);
  std::size_t window();
  bool hand_off();
  bool hand_to_sink(const Delivery& delivery);
  void acknowledge();
  void remember_deferred();
  const TurnTime& turn_time();
  void arm_retry_timer();
  void report_delivered(const DeliveryQueue::Settled& settled);
  void report_retry(const DeliveryQueue::Settled& settled, const Outcome& outcome);
  bool is_news(const std::string& what);
  /// Number of events and deliveries that are not acknowledged yet.
  std::uint64_t waiting() const { return spool_.unread(cursor_) + queue_.unsettled(); }
  std::chrono::duration<double> lag() const;
  void note_state(SinkState state);
  void note_failure(std::string_view words);
  void say_if_unstuck();
  void close_if_drained();
  void close_sink();
  void finish();
  std::string subject() const { return "sink " + name_; }

  boost::asio::io_context& io_;
  std::string name_;
  MakeSink make_sink_;
  spool::EventCursors& spool_;
  std::shared_ptr<const route::Router> router_;
  observe::Log& log_;
  SinkMetrics& metrics_;
  OutcomeWatch& watch_;
  spool::CursorId cursor_;
  const spool::DeferredDeliveries deferred_before_;  // as whoever served the sink before has left it
  const Sequence replayed_up_to_;                    // likewise
  std::uint32_t configured_window_;

  State state_ = State::waiting;
  std::unique_ptr<Sink> sink_;
  DeliveryQueue queue_;
  RejectedEvents rejected_;
  HangUps hang_ups_;
  Sequence acknowledged_;
  std::size_t window_ = 0;
  std::size_t largest_payload_ = 0;
  bool to_flush_ = false;  // something was handed to the sink in this turn
  bool blocked_ = false;   // the sink had no room; it says when it has
  bool pump_posted_ = false;
  bool stalled_ = false;  // said already
  const std::chrono::milliseconds search_delay_;
  retry::Backoff reconnect_backoff_;
  retry::Backoff account_backoff_;  // for a peer that rejects the account
  std::set<std::string> logged_;    // once is enough until it changes
  std::string last_failure_;        // said already; said again where it changes, or after a connection that was of use
  bool connected_logged_ = false;   // since then
  bool stuck_logged_ = false;       // and not its end, which may come after another connection
  async::LatestTimer reconnect_timer_;  // connected: the calm; waiting: the back-off
  async::LatestTimer retry_timer_;
  std::optional<std::chrono::steady_clock::time_point> retry_at_;  // at which the timer ends
  async::LatestTimer deferred_timer_;
  bool deferred_due_ = false;
  async::LatestTimer stop_timer_;
  std::optional<std::chrono::steady_clock::time_point> stop_deadline_;
  std::function<void(std::uint64_t)> stopped_;
  std::unique_ptr<route::Router::Scratch> scratch_;
  std::vector<std::uint64_t> taken_by_route_;
  std::uint64_t deliveries_made_ = 0;
  SinkState shown_state_ = SinkState::disconnected;
  SystemTime shown_since_ = std::chrono::system_clock::now();
  std::string peer_;
  std::optional<observe::Failure> shown_failure_;
  observe::LocalCount delivered_;
  observe::LocalTimes acknowledgement_times_{acknowledgement_seconds_bounds};
  observe::LocalTimes pbx_times_{acknowledgement_seconds_bounds};
  std::optional<TurnTime> turn_time_;
  mutable spool::ReceptionClock reception_clock_;
  std::vector<EventPtr> read_;         // kept for its capacity
  std::vector<route::Routed> routed_;  // kept for its capacity
  async::Lifetime lifetime_;
};

}  // namespace pbxbridge::deliver
