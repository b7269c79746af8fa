#pragma once

#include "deliver/delivery_queue.hpp"
#include "deliver/outcome_watch.hpp"
#include "deliver/sink_metrics.hpp"
#include "deliver/sink_status.hpp"
#include "observe/log.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "route/router.hpp"
#include "spool/dead_letters/dead_letters.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::deliver {

/// Events that one sink has rejected for good: kept as dead letters, and put into its queue again where an operator
/// wants them delivered after all. Also those that others have rejected and this sink is to have as well. Io thread
/// only.
class RejectedEvents {
 public:
  /// `letters`: null where none are kept.
  RejectedEvents(std::string sink, spool::DeadLetters* letters, DeliveryQueue& queue, observe::Log& log,
                 SinkMetrics& metrics, OutcomeWatch& watch)
      : sink_(std::move(sink)), letters_(letters), queue_(queue), log_(log), metrics_(metrics), watch_(watch) {}

  /// Called with each event of this sink's own that it has rejected; set once.
  void set_on_rejected(std::function<void(const EventPtr&)> callback) { rejected_ = std::move(callback); }

  /// Every delivery that has an end, one way or the other.
  void delivered(const DeliveryQueue::Settled& settled);
  void rejected(DeliveryQueue::Settled settled, const Outcome& outcome);

  /// Letters that an operator wants delivered after all, by the routes as they are now; a few of them.
  void add_redriven(const route::Router& router, route::Router::Scratch& scratch);
  /// Takes a copy of an event that another sink has rejected; lost at a restart, and where this sink rejects it as
  /// well.
  void add_copy(const EventPtr& event, route::Routed routed);
  /// Gives up what is still in the queue: letters stay as they were, copies are counted.
  void end();
  /// The latest, oldest first.
  const std::deque<Rejection>& rejections() const { return rejections_; }
  /// There is no room for it: counted, and said until one is taken again.
  void drop_copy(const EventPtr& event);

 private:
  std::string subject() const { return "sink " + sink_; }
  Delivery delivery_of(const spool::DeadLetter& letter, std::vector<route::Routed>& routed) const;
  void count_drop(spool::DropReason reason, std::size_t events = 1);
  void bury(DeliveryQueue::Settled settled, const Outcome& outcome);

  std::string sink_;
  spool::DeadLetters* letters_;
  DeliveryQueue& queue_;
  observe::Log& log_;
  SinkMetrics& metrics_;
  OutcomeWatch& watch_;
  std::function<void(const EventPtr&)> rejected_;
  std::map<DeliveryQueue::Token, spool::DeadLetter> redriven_;
  std::set<DeliveryQueue::Token> copies_;
  std::deque<Rejection> rejections_;
  bool copies_dropped_ = false;        // said already
  std::vector<route::Routed> routed_;  // kept for its capacity
};

}  // namespace pbxbridge::deliver
