#include "simulator/model/queue_events.hpp"

#include "simulator/model/event_text.hpp"

namespace pbxbridge::sim {

void QueueEvents::entered(const Queue& queue) {
  context_.announcer.announce("queue_caller_status", queue, [&] {
    return event_text::queue_caller_status(*queue.tenant, queue, queue.waiting.back(), queue.waiting.size(), "enqueue",
                                           context_.now);
  });
  push_status(queue);
}

void QueueEvents::left(const Queue& queue, const WaitingCaller& caller, std::size_t position, std::string_view reason) {
  context_.announcer.announce("queue_caller_status", queue, [&] {
    return event_text::queue_caller_status(*queue.tenant, queue, caller, position, reason, context_.now);
  });
  push_status_in_16(queue);
}

void QueueEvents::waited_too_long(const Queue& queue, const WaitingCaller& caller) {
  context_.announcer.announce("queue_sla_breached", queue, [&] {
    return event_text::queue_sla_breached(*queue.tenant, queue, caller, context_.now);
  });
}

void QueueEvents::agent_changed(const Queue& queue, const Agent& agent) {
  context_.announcer.announce("queue_agent_status", queue,
                              [&] { return event_text::queue_agent_status(*queue.tenant, queue, agent); });
  context_.announcer.announce("queue_member_state", queue,
                              [&] { return event_text::queue_member_state_16(*queue.tenant, queue, agent); });
}

void QueueEvents::agent_removed(const Queue& queue, const Extension& agent) {
  context_.announcer.announce("queue_agent_status", queue,
                              [&] { return event_text::queue_agent_removed(*queue.tenant, queue, agent); });
  push_status_in_16(queue);
}

void QueueEvents::push_status(const Queue& queue) {
  context_.announcer.announce("queue_status", queue, [&] { return event_text::queue_status(*queue.tenant, queue); });
}

void QueueEvents::push_status_in_16(const Queue& queue) {
  if (context_.announcer.dialect() == Dialect::v16) push_status(queue);
}

}  // namespace pbxbridge::sim
