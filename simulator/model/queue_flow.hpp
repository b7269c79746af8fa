#pragma once

#include "simulator/model/call.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/phones.hpp"
#include "simulator/model/queue_events.hpp"

#include <cstdint>
#include <string_view>

namespace pbxbridge::sim {

class CallFlow;

/// Callers in a queue: they wait, are given to the agent who has been free for the longest, overflow to the manager,
/// give up, or ask to be called back. A queue answers a call itself, which the vendor does not document but its samples
/// show.
class QueueFlow {
 public:
  QueueFlow(Context& context, Phones& phones, CallFlow& calls)
      : context_(context), phones_(phones), calls_(calls), events_(context) {}

  void enter(Call& call, Queue& queue);
  /// Goes on with a call that an agent did not answer.
  void wait_on(Call& call);
  /// Takes the call out of the line, where it is in it.
  void leave(const Call& call, std::string_view reason);

  void wrap_up(Queue& queue, Extension& agent);
  void rest(Queue& queue, Extension& agent);

  /// Gives callers to agents who have time, in the queues to serve.
  void serve();

 private:
  void line_up(Call& call, Queue& queue, std::string_view type);
  void plan_way_out(const Call& call, const Queue& queue);
  void overflow(Call& call);
  void ask_for_call_back(Call& call);
  void serve(Queue& queue);
  Call* first_waiting(const Queue& queue);

  template <class Step>
  void if_still_waiting(const Call& call, Duration wait, Step step);

  Context& context_;
  Phones& phones_;
  CallFlow& calls_;
  QueueEvents events_;
};

}  // namespace pbxbridge::sim
