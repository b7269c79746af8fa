#pragma once

#include "async/latest_timer.hpp"
#include "deliver/delivery_queue.hpp"
#include "deliver/forbidden_topics.hpp"
#include "deliver/rejected_events.hpp"
#include "deliver/suspicion.hpp"
#include "observe/log.hpp"
#include "pbxbridge/sink.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace pbxbridge::deliver {

/// Handles events that a sink's peer rejects by ending the connection: carries out what `Suspicion` decides. Costs
/// nothing while nothing is suspected. Io thread only.
class HangUps {
 public:
  using Time = Suspicion::Time;

  /// `pump` is called when there is something to do although nothing has happened.
  HangUps(boost::asio::io_context& io, std::string sink, DeliveryQueue& queue, RejectedEvents& rejected,
          observe::Log& log, std::function<void()> pump);

  bool quiet() const { return suspicion_.quiet(); }
  bool wants_outcomes() const { return !quiet() || !forbidden_topics_.empty(); }

  void connected(Time now);
  void alive(Time now) { suspicion_.alive(now); }
  /// Called before the queue learns of it.
  void connection_lost(const Error& error, bool was_connected);
  /// Defers the suspects, and all of a topic that seems forbidden; called after the queue has learned of the loss.
  void defer_suspects();
  /// Defers a delivery that was added to the queue, where its topic is known to end connections.
  void added(DeliveryQueue::Token token) {
    if (!forbidden_topics_.empty()) defer_if_forbidden(token);
  }
  /// See Suspicion.
  bool makes_progress() const { return suspicion_.makes_progress(); }

  // While not quiet:

  /// Delivers, probes and rejects what is due, and returns how many others may be in flight. `hand_off` gives a
  /// delivery to the sink, and returns whether the sink took it.
  std::size_t advance(Sink& sink, const std::function<bool(const Delivery&)>& hand_off, Time now);
  void handed_off(DeliveryQueue::Token token) { suspicion_.handed_off(token); }
  /// Called before the queue learns of it; also while quiet, where `wants_outcomes`.
  void settled(DeliveryQueue::Token token, Outcome::Kind outcome, Time now);

 private:
  void try_alone(const Delivery& suspect, const std::function<bool(const Delivery&)>& hand_off, Time now);
  void reject(DeliveryQueue::Token token, Time now);
  void defer_if_forbidden(DeliveryQueue::Token token);
  void defer_forbidden(const std::string& topic);
  void release(const std::string& topic, Time now);
  void report_suspect(DeliveryQueue::Token token) const;
  void report_forbidden(DeliveryQueue::Token token) const;
  void wait_until(Time time);

  const std::string sink_;
  DeliveryQueue& queue_;
  RejectedEvents& rejected_;
  observe::Log& log_;
  const std::function<void()> pump_;
  Suspicion suspicion_;
  ForbiddenTopics forbidden_topics_;
  std::optional<std::string> topic_to_defer_;
  std::string last_words_;  // last words of the peer that hung up
  async::LatestTimer timer_;
};

}  // namespace pbxbridge::deliver
