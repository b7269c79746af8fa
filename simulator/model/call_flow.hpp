#pragma once

#include "simulator/model/call.hpp"
#include "simulator/model/call_events.hpp"
#include "simulator/model/call_records.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/phones.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

class QueueFlow;

/// The way of each call: it starts, waits in a queue or rings at a telephone, is talked on or not, and ends with its
/// record. Each step is announced, and plans the next. A telephone that is busy or not registered cannot be reached,
/// and neither can anybody by a trunk that has lost its provider: such a call fails.
class CallFlow {
 public:
  using OpenCalls = std::map<std::uint64_t, std::unique_ptr<Call>>;  ///< in the order in which they started

  /// All must outlive this object.
  CallFlow(Context& context, Phones& phones, QueueFlow& queues, CallRecords& records, std::uint64_t seed)
      : context_(context),
        events_(context),
        phones_(phones),
        queues_(queues),
        records_(records),
        last_id_(first_id(seed)) {}

  /// `from` is idle, and another one than `to`.
  void call_extension(Extension& from, Extension& to);
  void call_queue(Extension& from, Queue& queue);
  void call_outside(Extension& from, const Trunk& trunk, const std::string& number);
  /// The trunk is connected. Who is on a business trip has calls forwarded.
  void call_from_outside(Tenant& tenant, const Trunk& trunk, const DirectNumber& dialled, const std::string& caller);

  /// A call to be made to somebody outside when an agent of the queue has time. It starts only then.
  Call& plan_call_back(Queue& queue, const Party& party);

  /// The next target of a call that has none open.
  void add_target(Call& call, std::string_view call_type, const std::string& callee, const std::string& destination);
  void answer_target(Call& call);
  /// Does nothing where it has none open.
  void close_target(Call& call, std::string_view reason);

  /// `extension` is idle, and becomes the next target.
  void ring(Call& call, Extension& extension, std::string_view call_type);
  /// The same for a call that leaves its queue.
  void redirect(Call& call, Extension& extension);
  /// It rings.
  void answer(Call& call);
  /// It is talked on.
  void set_on_hold(Call& call, bool on_hold);
  /// It is talked on with an extension, and not for a queue. `to` is idle.
  void transfer(Call& call, Extension& to);
  /// A planned call leaves no record. `call` is gone then.
  void end(Call& call, std::string_view reason);

  /// Runs `step`, which gets the call, after so long, unless the call has moved on by then.
  template <class Step>
  void later(Call& call, Duration wait, Step step) {
    context_.after(wait, [&call, serial = call.serial, moment = call.step, step] {
      if (call.serial == serial && call.step == moment) step(call);
    });
  }

  /// Null where it has ended.
  Call* find(std::uint64_t serial) const;

  const OpenCalls& open() const { return open_; }

 private:
  static std::uint64_t first_id(std::uint64_t seed) { return 10'000'000 + seed % 1'000'000 * 1'000'000; }

  Call& open_call(Tenant& tenant, std::string_view direction);
  void close(Call& call);
  void start(Call& call);
  void reach(Call& call, Extension& extension);
  void reach_outside(Call& call, const Trunk& trunk, const std::string& number);
  void fail_soon(Call& call, int status_code);
  void let_ring(Call& call);
  void plan_hold(Call& call);
  void leave_unanswered(Call& call);
  void transfer_to_somebody(Call& call);
  void cancel_plan(Call& call);
  void free_callee(Call& call);
  Party party(const Extension& extension) const;
  std::string next_id(const Tenant& tenant);
  std::string random_call_id();

  Context& context_;
  CallEvents events_;
  Phones& phones_;
  QueueFlow& queues_;
  CallRecords& records_;
  OpenCalls open_;
  std::vector<std::unique_ptr<Call>> ended_;  ///< to be used again: a planned step may still refer to one
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_id_;
};

}  // namespace pbxbridge::sim
