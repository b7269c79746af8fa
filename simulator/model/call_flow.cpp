#include "simulator/model/call_flow.hpp"

#include "simulator/model/queue_flow.hpp"

#include <algorithm>

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration shortest_talk = 8s;
constexpr Duration mean_talk = 110s;
constexpr Duration ringing_at_most = 25s;
constexpr unsigned percent_answered = 85;
constexpr unsigned percent_transferred = 8;
constexpr unsigned percent_held = 12;
constexpr unsigned percent_out_of_reach = 4;  ///< of the numbers outside

constexpr int sip_not_found = 404;
constexpr int sip_temporarily_unavailable = 480;
constexpr int sip_busy_here = 486;
constexpr int sip_service_unavailable = 503;

using TargetStep = CallEvents::TargetStep;

std::string_view random_end(Random& random) {
  return random.chance(50) ? "caller_disconnected" : "callee_disconnected";
}

/// Returns the number to which it forwards calls while its owner travels.
std::string mobile_number_of(const Extension& extension) { return "155502" + extension.number; }

std::string telephone_of(const Extension& extension) { return "sip:" + extension.number + "@198.51.100.7:5960"; }

}  // namespace

void CallFlow::call_extension(Extension& from, Extension& to) {
  auto& call = open_call(*from.tenant, "internal");
  call.caller_extension = &from;
  call.caller = party(from);
  call.callee = party(to);
  start(call);
  reach(call, to);
}

void CallFlow::call_queue(Extension& from, Queue& queue) {
  auto& call = open_call(*from.tenant, "internal");
  call.caller_extension = &from;
  call.caller = party(from);
  call.callee = {queue.number(), queue.number(), queue.plan.name};
  start(call);
  queues_.enter(call, queue);
}

void CallFlow::call_outside(Extension& from, const Trunk& trunk, const std::string& number) {
  auto& call = open_call(*from.tenant, "outbound");
  call.caller_extension = &from;
  call.caller = party(from);
  call.callee = {number, number, number};
  call.trunk = trunk.text;
  if (!trunk.plan.numbers.empty()) call.outbound_caller_id = trunk.plan.numbers.front().number;
  start(call);
  reach_outside(call, trunk, number);
}

void CallFlow::call_from_outside(Tenant& tenant, const Trunk& trunk, const DirectNumber& dialled,
                                 const std::string& caller) {
  auto* extension = tenant.extension(dialled.leads_to);
  const bool is_forwarded = extension != nullptr && extension->presence == "BUSINESS_TRIP";
  auto& call = open_call(tenant, is_forwarded ? "inbound_outbound" : "inbound");
  call.caller = {caller, caller, caller};
  call.caller_domain = trunk.plan.host;
  call.did = dialled.number;
  call.trunk = trunk.text;
  if (extension == nullptr) {
    auto& queue = *tenant.queue(dialled.leads_to);
    call.callee = {queue.number(), queue.number(), queue.plan.name};
    start(call);
    return queues_.enter(call, queue);
  }
  call.callee = party(*extension);
  start(call);
  if (is_forwarded)
    reach_outside(call, trunk, mobile_number_of(*extension));
  else
    reach(call, *extension);
}

Call& CallFlow::plan_call_back(Queue& queue, const Party& who) {
  auto& call = open_call(*queue.tenant, "outbound");
  call.caller = {queue.number(), queue.number(), queue.plan.name};
  call.callee = who;
  call.queue = &queue;
  if (!queue.tenant->trunks.empty()) call.trunk = queue.tenant->trunks.front().text;
  return call;
}

Call& CallFlow::open_call(Tenant& tenant, std::string_view direction) {
  std::unique_ptr<Call> call;
  if (ended_.empty()) {
    call = std::make_unique<Call>();
  } else {
    call = std::move(ended_.back());
    ended_.pop_back();
  }
  call->serial = ++last_serial_;
  call->tenant = &tenant;
  call->direction = direction;
  call->caller_domain = tenant.domain;
  call->call_id = random_call_id();
  call->session_id = next_id(tenant);
  call->cdr_id = next_id(tenant);
  return *open_.emplace(call->serial, std::move(call)).first->second;
}

void CallFlow::start(Call& call) {
  call.started = context_.now;
  call.phase = Call::Phase::started;
  events_.started(call);
  if (call.caller_extension != nullptr) phones_.occupy(*call.caller_extension, call, "ON_CALL");
}

void CallFlow::add_target(Call& call, std::string_view call_type, const std::string& callee,
                          const std::string& destination) {
  ++call.step;
  Target target;
  target.call_type = call_type;
  target.callee = callee;
  target.destination = destination;
  target.started = context_.now;
  call.targets.push_back(std::move(target));
  events_.target(call, TargetStep::add);
}

void CallFlow::let_ring(Call& call) {
  call.phase = Call::Phase::ringing;
  call.targets.back().rang = context_.now;
  events_.target(call, TargetStep::ringing);
}

void CallFlow::answer_target(Call& call) {
  auto& target = call.targets.back();
  if (!target.rang) target.rang = context_.now;
  target.answered = context_.now;
  events_.target(call, TargetStep::answer);
}

void CallFlow::close_target(Call& call, std::string_view reason) {
  if (call.targets.empty() || call.targets.back().ended) return;
  auto& target = call.targets.back();
  target.ended = context_.now;
  target.end_reason = reason;
  if (target.answered)
    events_.target(call, TargetStep::end);
  else
    events_.target(call, target.status_code != 0 ? TargetStep::fail : TargetStep::noanswer);
}

void CallFlow::reach(Call& call, Extension& extension) {
  if (extension.is_idle()) return ring(call, extension, "normal_call");
  add_target(call, "normal_call", extension.number, telephone_of(extension));
  fail_soon(call, extension.online ? sip_busy_here : sip_temporarily_unavailable);
}

void CallFlow::reach_outside(Call& call, const Trunk& trunk, const std::string& number) {
  add_target(call, "normal_call", number, "sip:" + number + "@" + trunk.plan.host);
  if (!trunk.connected) return fail_soon(call, sip_service_unavailable);
  if (context_.random.chance(percent_out_of_reach))
    return fail_soon(call, context_.random.chance(50) ? sip_busy_here : sip_not_found);
  let_ring(call);
  if (context_.random.chance(percent_answered))
    later(call, context_.random.between(3s, ringing_at_most), [this](Call& same) { answer(same); });
  else
    later(call, ringing_at_most, [this](Call& same) { end(same, "cancelled"); });
}

void CallFlow::fail_soon(Call& call, int status_code) {
  later(call, context_.random.between(300ms, 3s), [this, status_code](Call& same) {
    same.targets.back().status_code = status_code;
    end(same, "None");
  });
}

void CallFlow::ring(Call& call, Extension& extension, std::string_view call_type) {
  if (call.phase == Call::Phase::planned) start(call);
  call.callee_extension = &extension;
  add_target(call, call_type, extension.number, telephone_of(extension));
  let_ring(call);
  phones_.occupy(extension, call, "RINGING");
  if (context_.random.chance(percent_answered))
    later(call, context_.random.between(2s, 12s), [this](Call& same) { answer(same); });
  else
    later(call, context_.random.between(10s, ringing_at_most), [this](Call& same) { leave_unanswered(same); });
}

void CallFlow::answer(Call& call) {
  if (call.callee_extension != nullptr && !call.callee_extension->online) return leave_unanswered(call);
  ++call.step;
  call.phase = Call::Phase::talking;
  answer_target(call);
  if (call.queue != nullptr) queues_.leave(call, "agent_answered");
  if (call.callee_extension != nullptr) phones_.occupy(*call.callee_extension, call, "ON_CALL");
  plan_hold(call);
  const bool transferred =
      call.queue == nullptr && call.callee_extension != nullptr && context_.random.chance(percent_transferred);
  if (transferred)
    later(call, context_.random.between(10s, 60s), [this](Call& same) { transfer_to_somebody(same); });
  else
    later(call, shortest_talk + context_.random.until_next(mean_talk),
          [this](Call& same) { end(same, random_end(context_.random)); });
}

void CallFlow::plan_hold(Call& call) {
  if (!context_.random.chance(percent_held)) return;
  later(call, context_.random.between(3s, 40s), [this](Call& same) {
    set_on_hold(same, true);
    later(same, context_.random.between(5s, 30s), [this](Call& again) { set_on_hold(again, false); });
  });
}

void CallFlow::set_on_hold(Call& call, bool on_hold) {
  if (call.on_hold == on_hold) return;
  call.on_hold = on_hold;
  events_.held(call);
}

void CallFlow::leave_unanswered(Call& call) {
  if (call.queue == nullptr) return end(call, "cancelled");
  auto& agent = *call.callee_extension;
  close_target(call, "None");
  ++call.step;
  call.phase = Call::Phase::waiting;
  queues_.rest(*call.queue, agent);
  free_callee(call);
  queues_.wait_on(call);
}

void CallFlow::transfer_to_somebody(Call& call) {
  auto& to = *context_.random.one_of(call.tenant->extensions);
  if (!to.is_idle()) return end(call, random_end(context_.random));
  transfer(call, to);
}

/// The extension that has put the caller on hold has spoken to the other before.
void CallFlow::transfer(Call& call, Extension& to) {
  const std::string_view reason = call.on_hold ? "attended_transfer_complete" : "blind_transfer_complete";
  set_on_hold(call, false);
  close_target(call, reason);
  free_callee(call);
  call.callee = party(to);
  events_.transferred(call);
  ring(call, to, "normal_call");
}

void CallFlow::redirect(Call& call, Extension& extension) {
  events_.redirected(call);
  ring(call, extension, "normal_call");
}

void CallFlow::end(Call& call, std::string_view reason) {
  if (call.phase == Call::Phase::planned) return cancel_plan(call);
  call.ended = context_.now;
  call.end_reason = reason;
  close_target(call, reason);
  events_.ended(call);
  if (call.queue != nullptr) {
    if (call.phase == Call::Phase::talking)
      queues_.wrap_up(*call.queue, *call.callee_extension);
    else
      queues_.leave(call, "hangup");
  }
  if (call.caller_extension != nullptr) phones_.release(*call.caller_extension);
  free_callee(call);
  records_.add(std::move(static_cast<CallRecord&>(call)));
  close(call);
}

void CallFlow::cancel_plan(Call& call) {
  if (call.queue != nullptr) queues_.leave(call, "hangup");
  close(call);
}

void CallFlow::close(Call& call) {
  auto closed = open_.extract(call.serial);
  call = Call();
  ended_.push_back(std::move(closed.mapped()));
}

void CallFlow::free_callee(Call& call) {
  if (call.callee_extension != nullptr) phones_.release(*call.callee_extension);
  call.callee_extension = nullptr;
}

Call* CallFlow::find(std::uint64_t serial) const {
  const auto found = open_.find(serial);
  return found == open_.end() ? nullptr : found->second.get();
}

Party CallFlow::party(const Extension& extension) const {
  return {extension.number, extension.tenant->address(extension), extension.display_name};
}

std::string CallFlow::next_id(const Tenant& tenant) { return std::to_string(tenant.id_base + ++last_id_); }

std::string CallFlow::random_call_id() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string id(22, '.');
  for (auto& character : id) character = context_.random.one_of(alphabet);
  return id;
}

}  // namespace pbxbridge::sim
