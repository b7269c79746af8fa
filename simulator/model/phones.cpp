#include "simulator/model/phones.hpp"

#include "simulator/model/event_text.hpp"

namespace pbxbridge::sim {

namespace {

std::string_view state_of(const Queue& queue, const Agent& agent) {
  const auto& extension = *agent.extension;
  if (!extension.online) return "OFFLINE";
  if (!agent.logged_in) return "ONLINE";
  if (extension.call_status == "ON_CALL") {
    const bool serves_queue = extension.call->queue == &queue && extension.call->callee_extension == &extension;
    return serves_queue ? "QUEUE_CALL" : "OTHER_CALL";
  }
  if (agent.wrapping_up) return "WRAP_UP";
  return agent.resting || extension.presence == "LUNCH" ? "NOT_READY" : "READY";
}

/// An agent who wraps up is still shown with the caller.
void note_caller(Agent& agent) {
  if (agent.state == "WRAP_UP") return;
  if (agent.state != "QUEUE_CALL") {
    agent.session_id = agent.caller_number = agent.caller_name = "";
    return;
  }
  const auto& call = *agent.extension->call;
  const auto& served = call.is_call_back() ? call.callee : call.caller;
  agent.session_id = call.session_id;
  agent.caller_number = served.number;
  agent.caller_name = served.name;
}

}  // namespace

void Phones::occupy(Extension& extension, const Call& call, std::string_view status) {
  extension.call = &call;
  extension.call_status = status;
  context_.announcer.announce("extension_call", extension,
                              [&] { return event_text::extension_call(*extension.tenant, extension, context_.now); });
  refresh(extension);
}

void Phones::release(Extension& extension) {
  extension.call = nullptr;
  extension.call_status = "";
  context_.announcer.announce("extension_call", extension,
                              [&] { return event_text::extension_call(*extension.tenant, extension, context_.now); });
  refresh(extension);
  // An agent whose telephone only rang was READY all the time, and has no change of state to be noticed by.
  for (auto* queue : extension.queues)
    if (queue->agent(extension)->state == "READY") context_.serve_soon(*queue);
}

void Phones::set_online(Extension& extension, bool online) {
  if (extension.online == online) return;
  extension.online = online;
  extension.push_online = !online;
  context_.announcer.announce("extension_status", extension, [&] {
    return event_text::extension_status(*extension.tenant, {&extension}, context_.now);
  });
  context_.announcer.announce("extension_register", extension, [&] {
    return event_text::extension_register_16(*extension.tenant, extension, context_.now);
  });
  refresh(extension);
}

void Phones::set_presence(Extension& extension, std::string_view presence, std::string_view note) {
  extension.presence = presence;
  extension.presence_note = note;
  context_.announcer.announce("extension_presence", extension, [&] {
    return event_text::extension_presence(*extension.tenant, extension, context_.now);
  });
  refresh(extension);
}

void Phones::set_logged_in(Queue& queue, Extension& agent, bool logged_in) {
  queue.agent(agent)->logged_in = logged_in;
  refresh(agent);
}

void Phones::set_aside(Queue& queue, Extension& agent, bool Agent::*flag, Duration time) {
  auto* found = queue.agent(agent);
  if (found == nullptr) return;
  found->*flag = true;
  refresh(agent);
  context_.after(time, [this, tenant = queue.tenant, queue_number = queue.number(), number = agent.number, flag] {
    auto* extension = tenant->extension(number);
    auto* same_queue = tenant->queue(queue_number);
    if (extension == nullptr || same_queue == nullptr) return;
    if (auto* same = same_queue->agent(*extension)) same->*flag = false;
    refresh(*extension);
  });
}

void Phones::refresh(Extension& extension) {
  bool changed = false;
  for (auto* queue : extension.queues) {
    auto& agent = *queue->agent(extension);
    const auto state = state_of(*queue, agent);
    if (state == agent.state) continue;
    agent.state = state;
    agent.since = context_.now;
    note_caller(agent);
    queue_events_.agent_changed(*queue, agent);
    if (state == "READY") context_.serve_soon(*queue);
    changed = true;
  }
  if (changed)
    context_.announcer.announce("extension_agent_status", extension, [&] {
      return event_text::extension_agent_status(*extension.tenant, extension, context_.now);
    });
}

}  // namespace pbxbridge::sim
