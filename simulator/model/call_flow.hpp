#pragma once

#include "simulator/model/call.hpp"
#include "simulator/model/call_records.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/phones.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

class QueueFlow;

/// The way of each call: it starts, waits in a queue or rings at a telephone, is talked on or not, and ends with its
/// record. Each step is announced, and plans the next.
class CallFlow {
 public:
  using OpenCalls = std::map<std::uint64_t, std::unique_ptr<Call>>;  ///< in the order in which they started

  /// All must outlive this object.
  CallFlow(Context& context, Phones& phones, QueueFlow& queues, CallRecords& records, std::uint64_t seed)
      : context_(context), phones_(phones), queues_(queues), records_(records), last_id_(first_id(seed)) {}

  /// `from` and `to` are idle.
  void call_extension(Extension& from, Extension& to);
  void call_queue(Extension& from, Queue& queue);
  void call_outside(Extension& from, const Trunk& trunk, const std::string& number);
  /// An extension that the number leads to is idle.
  void call_from_outside(Tenant& tenant, const Trunk& trunk, const DirectNumber& dialled, const std::string& caller);

  /// A call to be made to somebody outside when an agent of the queue has time. It starts only then.
  Call& plan_call_back(Queue& queue, const Party& party);

  /// The next target of a call that has none open. `extension` is idle.
  void ring(Call& call, Extension& extension, std::string_view call_type);
  /// A planned call leaves no record. `call` is gone then.
  void end(Call& call, std::string_view reason);

  /// Runs `step`, which gets the call, after so long, unless the call has moved on by then.
  template <class Step>
  void later(const Call& call, Duration wait, Step step) {
    context_.after(wait, [this, serial = call.serial, moment = call.step, step] {
      if (auto* same = find(serial); same != nullptr && same->step == moment) step(*same);
    });
  }

  /// Null where it has ended.
  Call* find(std::uint64_t serial) const;

  const OpenCalls& open() const { return open_; }

 private:
  static std::uint64_t first_id(std::uint64_t seed) { return 10'000'000 + seed % 1'000'000 * 1'000'000; }

  Call& open_call(Tenant& tenant, std::string_view direction);
  void start(Call& call);
  void answer(Call& call);
  void leave_unanswered(Call& call);
  void transfer(Call& call);
  void cancel_plan(Call& call);
  void free_callee(Call& call);
  Party party(const Extension& extension) const;
  std::string next_id(const Tenant& tenant);
  std::string random_call_id();
  void announce(std::string_view event_type, const Call& call, std::string (*text)(const CallRecord&, Time));
  void announce_16(std::string_view event_type, const Call& call);

  Context& context_;
  Phones& phones_;
  QueueFlow& queues_;
  CallRecords& records_;
  OpenCalls open_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_id_;
};

}  // namespace pbxbridge::sim
