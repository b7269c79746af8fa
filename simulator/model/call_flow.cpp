#include "simulator/model/call_flow.hpp"

#include "simulator/model/event_text.hpp"
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

std::string_view random_end(Random& random) {
  return random.chance(50) ? "caller_disconnected" : "callee_disconnected";
}

}  // namespace

void CallFlow::call_extension(Extension& from, Extension& to) {
  auto& call = open_call(*from.tenant, "internal");
  call.caller_extension = &from;
  call.caller = party(from);
  call.callee = party(to);
  start(call);
  ring(call, to, "normal_call");
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
  ++call.step;
  call.phase = Call::Phase::ringing;
  call.targets.push_back({"normal_call", number, "sip:" + number + "@" + trunk.plan.host, context_.now, {}, {}, ""});
  announce("cdr_target_ringing", call, event_text::cdr_target_ringing);
  announce_16("target_ringing", call);
  if (context_.random.chance(percent_answered))
    later(call, context_.random.between(3s, ringing_at_most), [this](Call& same) { answer(same); });
  else
    later(call, ringing_at_most, [this](Call& same) { end(same, "cancelled"); });
}

void CallFlow::call_from_outside(Tenant& tenant, const Trunk& trunk, const DirectNumber& dialled,
                                 const std::string& caller) {
  auto& call = open_call(tenant, "inbound");
  call.caller = {caller, caller, caller};
  call.caller_domain = trunk.plan.host;
  call.did = dialled.number;
  call.trunk = trunk.text;
  if (auto* queue = tenant.queue(dialled.leads_to)) {
    call.callee = {queue->number(), queue->number(), queue->plan.name};
    start(call);
    queues_.enter(call, *queue);
  } else {
    auto& extension = *tenant.extension(dialled.leads_to);
    call.callee = party(extension);
    start(call);
    ring(call, extension, "normal_call");
  }
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
  auto call = std::make_unique<Call>();
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
  announce("call_start", call, event_text::call_start);
  if (call.caller_extension != nullptr) phones_.occupy(*call.caller_extension, call, "ON_CALL");
}

void CallFlow::ring(Call& call, Extension& extension, std::string_view call_type) {
  if (call.phase == Call::Phase::planned) start(call);
  ++call.step;
  call.phase = Call::Phase::ringing;
  call.callee_extension = &extension;
  call.targets.push_back(
      {call_type, extension.number, "sip:" + extension.number + "@198.51.100.7:5960", context_.now, {}, {}, ""});
  announce("cdr_target_ringing", call, event_text::cdr_target_ringing);
  announce_16("target_ringing", call);
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
  call.targets.back().answered = context_.now;
  announce_16("call_established", call);
  if (call.queue != nullptr) queues_.leave(call, "agent_answered");
  if (call.callee_extension != nullptr) phones_.occupy(*call.callee_extension, call, "ON_CALL");
  const bool transferred =
      call.queue == nullptr && call.callee_extension != nullptr && context_.random.chance(percent_transferred);
  if (transferred)
    later(call, context_.random.between(10s, 60s), [this](Call& same) { transfer(same); });
  else
    later(call, shortest_talk + context_.random.until_next(mean_talk),
          [this](Call& same) { end(same, random_end(context_.random)); });
}

void CallFlow::leave_unanswered(Call& call) {
  if (call.queue == nullptr) return end(call, "cancelled");
  auto& agent = *call.callee_extension;
  call.targets.back().ended = context_.now;
  call.targets.back().end_reason = "None";
  ++call.step;
  call.phase = Call::Phase::waiting;
  queues_.rest(*call.queue, agent);
  free_callee(call);
  queues_.wait_on(call);
}

void CallFlow::transfer(Call& call) {
  auto& extensions = call.tenant->extensions;
  auto& next = *context_.random.one_of(extensions);
  if (!next.is_idle()) return end(call, random_end(context_.random));
  call.targets.back().ended = context_.now;
  call.targets.back().end_reason = "referred";
  free_callee(call);
  call.callee = party(next);
  announce("call_update_info", call, event_text::call_update_info);
  ring(call, next, "normal_call");
}

void CallFlow::end(Call& call, std::string_view reason) {
  if (call.phase == Call::Phase::planned) return cancel_plan(call);
  call.ended = context_.now;
  call.end_reason = reason;
  if (!call.targets.empty() && !call.targets.back().ended) {
    call.targets.back().ended = context_.now;
    call.targets.back().end_reason = reason;
  }
  announce_16("call_ended", call);
  announce("call_cdr", call, [](const CallRecord& record, Time) { return event_text::call_cdr(record); });
  if (call.queue != nullptr) {
    if (call.phase == Call::Phase::talking)
      queues_.wrap_up(*call.queue, *call.callee_extension);
    else
      queues_.leave(call, "hangup");
  }
  if (call.caller_extension != nullptr) phones_.release(*call.caller_extension);
  free_callee(call);
  records_.add(std::move(static_cast<CallRecord&>(call)));
  open_.erase(call.serial);
}

void CallFlow::cancel_plan(Call& call) {
  if (call.queue != nullptr) queues_.leave(call, "hangup");
  open_.erase(call.serial);
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

void CallFlow::announce(std::string_view event_type, const Call& call, std::string (*text)(const CallRecord&, Time)) {
  std::vector<std::string> extensions;
  for (const auto* extension : {call.caller_extension, call.callee_extension})
    if (extension != nullptr) extensions.push_back(extension->number);
  context_.announcer.announce(event_type, *call.tenant, std::move(extensions), {},
                              [&] { return text(call, context_.now); });
}

void CallFlow::announce_16(std::string_view event_type, const Call& call) {
  std::vector<std::string> extensions;
  for (const auto* extension : {call.caller_extension, call.callee_extension})
    if (extension != nullptr) extensions.push_back(extension->number);
  context_.announcer.announce(event_type, *call.tenant, std::move(extensions), {},
                              [&] { return event_text::call_event_16(event_type, call, context_.now); });
}

}  // namespace pbxbridge::sim
