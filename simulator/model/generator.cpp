#include "simulator/model/generator.hpp"

#include "simulator/model/generator_emit.hpp"

#include <algorithm>

namespace pbxbridge::sim {

namespace {

constexpr std::size_t max_steps_for_one_event = 64;
constexpr std::size_t max_waiting = 8;
constexpr std::int64_t sla_seconds = 90;

}  // namespace

Generator::Generator(World& world, std::uint64_t seed, Dialect dialect)
    : world_(world), dialect_(dialect), random_(seed), last_id_(10'000'000 + seed % 1'000'000 * 1'000'000) {}

std::optional<Generator::Event> Generator::next(std::int64_t now, const Wanted& wanted) {
  now_ = now;
  wanted_ = &wanted;
  for (std::size_t i = 0; pending_.empty() && i < max_steps_for_one_event; ++i) step();
  if (pending_.empty()) return std::nullopt;
  std::optional<Event> event(std::move(pending_.front()));
  pending_.pop_front();
  return event;
}

void Generator::step() {
  const auto dice = random(1000);
  if (dice < 250 || calls_.empty())
    start_call();
  else if (dice < 900)
    advance(random(calls_.size()));
  else if (dice < 950)
    finish_wrap_up();
  else if (dice < 990)
    change_presence();
  else
    change_management();
}

void Generator::start_call() {
  ActiveCall active;
  active.tenant = random_tenant();
  auto& tenant = tenant_of(active);
  if (calls_.size() >= world_.tenants.size() * std::max<std::size_t>(4, tenant.extensions.size() / 3)) return;
  auto& call = active.call;
  const bool inbound = chance(60);
  if (inbound) {
    call.direction = "inbound";
    call.caller = call.caller_name = outside_number();
    call.did = "18005550199";
    call.trunk = "t1:" + std::to_string(tenant.id_base + 777);
  } else {
    active.caller = idle_extension(tenant);
    if (!active.caller) return;
    const auto& extension = tenant.extensions[*active.caller];
    call.direction = "internal";
    call.caller = "sip:" + extension.number + "@" + tenant.domain;
    call.caller_name = extension.display_name;
    set_call_status(active.tenant, active.caller, "ON_CALL");
  }
  call.call_id = random_call_id();
  call.session_id = next_id(tenant);
  call.cdr_id = next_id(tenant);
  call.started = call.rang = now_;
  if (inbound && chance(70) && !tenant.queues.empty()) {
    enter_queue(active);
  } else if (!choose_callee(active)) {
    set_call_status(active.tenant, active.caller, "");
    return;
  } else {
    const auto& extension = tenant.extensions[*active.callee];
    call.callee = "sip:" + extension.number + "@" + tenant.domain;
    call.callee_name = extension.display_name;
  }
  emit_call("call_start", active, event_text::call_start);
  calls_.push_back(std::move(active));
}

void Generator::enter_queue(ActiveCall& active) {
  auto& tenant = tenant_of(active);
  active.queue = random(tenant.queues.size());
  auto& queue = tenant.queues[*active.queue];
  active.call.queue_number = active.call.callee = queue.number;
  active.call.callee_name = queue.name;
  WaitingCaller caller;
  caller.session_id = active.call.session_id;
  caller.number = caller.name = active.call.caller;
  caller.type = chance(10) ? "callback" : "normal";
  caller.since = now_;
  queue.waiting.push_back(caller);
  emit("queue_caller_status", tenant, {}, {queue.number},
       [&] { return event_text::queue_caller_status(tenant, queue, caller, queue.waiting.size(), "enqueue", now_); });
  emit("queue_status", tenant, {}, {queue.number}, [&] { return event_text::queue_status(tenant, queue); });
}

void Generator::advance(std::size_t index) {
  auto& active = calls_[index];
  switch (active.phase) {
    case Phase::started:
      if (choose_callee(active))
        ring(active);
      else
        wait_longer(index);
      break;
    case Phase::ringing:
      if (chance(85))
        answer(active);
      else
        end(index, "cancelled");
      break;
    case Phase::talking:
      if (chance(10))
        emit_call("call_update_info", active, event_text::call_update_info);
      else
        end(index, chance(50) ? "caller_disconnected" : "callee_disconnected");
      break;
  }
}

bool Generator::choose_callee(ActiveCall& active) {
  auto& tenant = tenant_of(active);
  if (active.callee) return tenant.extensions[*active.callee].call_status.empty();
  if (!active.queue) {
    active.callee = idle_extension(tenant);
    return active.callee.has_value();
  }
  const auto& agents = tenant.queues[*active.queue].agents;
  const auto ready = std::ranges::find_if(agents, [&](const Agent& agent) {
    return agent.state == "READY" && tenant.extensions[agent.extension].call_status.empty();
  });
  if (ready == agents.end()) return false;
  active.agent = static_cast<std::size_t>(ready - agents.begin());
  active.callee = ready->extension;
  return true;
}

void Generator::ring(ActiveCall& active) {
  const auto& extension = tenant_of(active).extensions[*active.callee];
  active.phase = Phase::ringing;
  active.call.rang = now_;
  active.call.destination = "sip:" + extension.number + "@198.51.100.7:5960";
  emit_call("cdr_target_ringing", active, event_text::cdr_target_ringing);
  emit_call_16("target_ringing", active);
  set_call_status(active.tenant, active.callee, "RINGING");
}

void Generator::answer(ActiveCall& active) {
  active.phase = Phase::talking;
  active.call.answered = now_;
  emit_call_16("call_established", active);
  set_call_status(active.tenant, active.callee, "ON_CALL");
  if (!active.queue) return;
  leave_queue(active, "agent_answered");
  change_agent(active, "QUEUE_CALL");
}

void Generator::end(std::size_t index, std::string_view end_reason) {
  auto active = std::move(calls_[index]);
  calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(index));
  auto& call = active.call;
  call.ended = now_;
  call.end_reason = end_reason;
  if (call.destination.empty()) call.destination = call.callee;
  emit_call_16("call_ended", active);
  emit_call("call_cdr", active, [](const Tenant& tenant, const event_text::Call& of, std::int64_t) {
    return event_text::call_cdr(tenant, of);
  });
  set_call_status(active.tenant, active.caller, "");
  if (active.phase != Phase::started) set_call_status(active.tenant, active.callee, "");
  if (!active.queue) return;
  if (call.answered == 0)
    leave_queue(active, "hangup");
  else
    change_agent(active, "WRAP_UP");
}

void Generator::wait_longer(std::size_t index) {
  auto& active = calls_[index];
  if (!active.queue) return;
  auto& tenant = tenant_of(active);
  auto& queue = tenant.queues[*active.queue];
  if (chance(20) || queue.waiting.size() > max_waiting) {
    end(index, "caller_disconnected");
  } else if (now_ - active.call.started > sla_seconds || chance(5)) {
    ++breached_;
    emit("queue_sla_breached", tenant, {}, {queue.number},
         [&] { return event_text::queue_sla_breached(tenant, queue, queue.waiting.front(), breached_, now_); });
  }
}

void Generator::leave_queue(ActiveCall& active, std::string_view reason) {
  auto& tenant = tenant_of(active);
  auto& queue = tenant.queues[*active.queue];
  const auto waiting = std::ranges::find(queue.waiting, active.call.session_id, &WaitingCaller::session_id);
  if (waiting == queue.waiting.end()) return;
  const auto caller = *waiting;
  const auto position = static_cast<std::size_t>(waiting - queue.waiting.begin()) + 1;
  queue.waiting.erase(waiting);
  emit("queue_caller_status", tenant, {}, {queue.number},
       [&] { return event_text::queue_caller_status(tenant, queue, caller, position, reason, now_); });
}

void Generator::change_agent(ActiveCall& active, std::string_view state) {
  auto& tenant = tenant_of(active);
  auto& queue = tenant.queues[*active.queue];
  auto& agent = queue.agents[active.agent];
  agent.state = state;
  agent.session_id = active.call.session_id;
  agent.caller_number = active.call.caller;
  agent.caller_name = active.call.caller_name;
  agent.since = now_;
  emit("queue_agent_status", tenant, {}, {queue.number},
       [&] { return event_text::queue_agent_status(tenant, queue, agent); });
  emit("extension_agent_status", tenant, {tenant.extensions[agent.extension].number}, {},
       [&] { return event_text::extension_agent_status(tenant, agent.extension, now_); });
}

}  // namespace pbxbridge::sim
