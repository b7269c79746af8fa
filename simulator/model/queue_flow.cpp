#include "simulator/model/queue_flow.hpp"

#include "simulator/model/call_flow.hpp"

#include <algorithm>

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration mean_patience = 150s;
constexpr Duration longest_call_back = 1h;
constexpr unsigned percent_call_backs = 10;

/// The one that counts the callers who leave for this reason.
std::uint64_t& total_of(QueueTotals& totals, std::string_view reason) {
  if (reason == "agent_answered") return totals.answered;
  if (reason == "overflow") return totals.overflowed;
  return reason == "callback" ? totals.called_back : totals.abandoned;
}

}  // namespace

/// Runs `step` after so long where the caller is still in the queue, or an agent's telephone rings for it.
template <class Step>
void QueueFlow::if_still_waiting(const Call& call, Duration wait, Step step) {
  context_.after(wait, [this, serial = call.serial, queue = call.queue, step] {
    auto* same = calls_.find(serial);
    if (same != nullptr && same->queue == queue && same->phase != Call::Phase::talking) step(*same);
  });
}

void QueueFlow::enter(Call& call, Queue& queue) {
  call.queue = &queue;
  call.phase = Call::Phase::waiting;
  calls_.add_target(call, "normal_call", queue.number(), "sip:" + queue.number() + "@" + queue.tenant->domain);
  calls_.answer_target(call);
  line_up(call, queue, "normal");
  if (queue.waiting.size() > queue.plan.capacity) return overflow(call);
  plan_way_out(call, queue);
}

void QueueFlow::line_up(Call& call, Queue& queue, std::string_view type) {
  const auto& caller = type == "callback" ? call.callee : call.caller;
  queue.waiting.push_back({call.session_id, call.serial, caller.number, caller.name, type, context_.now});
  ++queue.totals.entered;
  events_.entered(queue);
  context_.serve_soon(queue);
}

void QueueFlow::plan_way_out(const Call& call, const Queue& queue) {
  if_still_waiting(call, queue.plan.service_level, [this](Call& same) {
    auto& breached = *same.queue;
    ++breached.totals.sla_breached;
    const auto caller = std::ranges::find(breached.waiting, same.serial, &WaitingCaller::serial);
    events_.waited_too_long(breached, *caller);
  });
  if_still_waiting(call, queue.plan.longest_wait, [this](Call& same) {
    if (same.phase == Call::Phase::waiting) overflow(same);
  });
  const auto patience = context_.random.until_next(mean_patience);
  // A call-back goes over a trunk.
  if (call.caller_extension == nullptr && context_.random.chance(percent_call_backs))
    if_still_waiting(call, patience, [this](Call& same) {
      if (same.phase == Call::Phase::waiting) ask_for_call_back(same);
    });
  else
    if_still_waiting(call, patience, [this](Call& same) { calls_.end(same, "caller_disconnected"); });
}

void QueueFlow::wait_on(Call& call) {
  const auto& waiting = call.queue->waiting;
  const auto caller = std::ranges::find(waiting, call.serial, &WaitingCaller::serial);
  if (context_.now - caller->since >= call.queue->plan.longest_wait) return overflow(call);
  context_.serve_soon(*call.queue);
}

void QueueFlow::leave(const Call& call, std::string_view reason) {
  auto& queue = *call.queue;
  const auto found = std::ranges::find(queue.waiting, call.serial, &WaitingCaller::serial);
  const auto caller = *found;
  const auto position = static_cast<std::size_t>(found - queue.waiting.begin()) + 1;
  queue.waiting.erase(found);
  ++total_of(queue.totals, reason);
  events_.left(queue, caller, position, reason);
}

/// Sends the call to the first manager who is idle; where there is none, the PBX hangs up.
void QueueFlow::overflow(Call& call) {
  auto& queue = *call.queue;
  leave(call, "overflow");
  call.queue = nullptr;
  if (call.targets.empty()) return calls_.end(call, "");
  calls_.close_target(call, "redirected");
  const auto manager = std::ranges::find_if(queue.managers, &Extension::is_idle);
  if (manager == queue.managers.end()) return calls_.end(call, "callee_disconnected");
  calls_.redirect(call, *queue.tenant->extension((*manager)->number));
}

void QueueFlow::ask_for_call_back(Call& call) {
  auto& queue = *call.queue;
  const auto who = call.caller;
  leave(call, "callback");
  call.queue = nullptr;
  calls_.end(call, "caller_disconnected");
  auto& planned = calls_.plan_call_back(queue, who);
  line_up(planned, queue, "callback");
  if_still_waiting(planned, longest_call_back, [this](Call& same) {
    if (same.phase == Call::Phase::planned || same.phase == Call::Phase::waiting) overflow(same);
  });
}

void QueueFlow::wrap_up(Queue& queue, Extension& agent) {
  phones_.set_aside(queue, agent, &Agent::wrapping_up, queue.plan.wrap_up);
}

void QueueFlow::rest(Queue& queue, Extension& agent) {
  phones_.set_aside(queue, agent, &Agent::resting, context_.random.between(30s, 60s));
}

void QueueFlow::serve() {
  while (!context_.queues_to_serve.empty()) {
    auto& queue = *context_.queues_to_serve.back();
    context_.queues_to_serve.pop_back();
    serve(queue);
  }
}

void QueueFlow::serve(Queue& queue) {
  while (auto* call = first_waiting(queue)) {
    Agent* chosen = nullptr;
    for (auto& agent : queue.agents)
      if (agent.state == "READY" && agent.extension->is_idle() && (chosen == nullptr || agent.since < chosen->since))
        chosen = &agent;
    if (chosen == nullptr) return;
    calls_.close_target(*call, "referred");
    calls_.ring(*call, *chosen->extension, "queue_call");
  }
}

Call* QueueFlow::first_waiting(const Queue& queue) {
  for (const auto& caller : queue.waiting)
    if (auto* call = calls_.find(caller.serial); call->phase != Call::Phase::ringing) return call;
  return nullptr;
}

}  // namespace pbxbridge::sim
