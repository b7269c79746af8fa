#include "simulator/model/management.hpp"

#include "simulator/model/event_text.hpp"

#include <algorithm>

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration mean_between_changes = 3min;  ///< in a tenant
constexpr std::uint32_t first_new_extension = 12'001;
constexpr std::uint32_t first_new_queue = 20'001;
constexpr std::uint32_t steps_of_a_round = 6;
constexpr std::uint32_t first_step_that_destroys = 4;

}  // namespace

std::string free_number(const Tenant& tenant, std::uint32_t first) {
  for (auto number = first;; ++number) {
    auto text = std::to_string(number);
    if (tenant.extension(text) == nullptr && tenant.queue(text) == nullptr) return text;
  }
}

Management::Management(Context& context, Phones& phones, CallFlow& calls)
    : context_(context), phones_(phones), calls_(calls), queue_events_(context) {
  for (auto& tenant : context.world.tenants) {
    rounds_.push_back({.tenant = &tenant});
    plan_next(rounds_.size() - 1);
  }
}

void Management::plan_next(std::size_t round) {
  context_.after(context_.random.until_next(mean_between_changes), [this, round] {
    go_on(rounds_[round]);
    plan_next(round);
  });
}

void Management::go_on(Round& round) {
  auto* extension = round.tenant->extension(round.extension);
  auto* queue = round.tenant->queue(round.queue);
  const bool busy =
      (extension != nullptr && extension->call != nullptr) || (queue != nullptr && !queue->waiting.empty());
  const auto step = round.step % steps_of_a_round;
  if (busy && step >= first_step_that_destroys) return;
  ++round.step;
  switch (step) {
    case 0:
      return create_extension(round);
    case 1:
      if (extension != nullptr) update(*extension, extension->display_name + " (Berlin)");
      return;
    case 2:
      return create_queue(round);
    case 3:
      return update_queue(round);
    case 4:
      if (queue != nullptr) destroy(*queue);
      return;
    default:
      if (extension != nullptr) destroy(*extension);
  }
}

void Management::create_extension(Round& round) {
  round.extension = free_number(*round.tenant, first_new_extension + round.step / steps_of_a_round % 1000);
  create(*round.tenant, {round.extension, "New Colleague", "user" + round.extension, "Sales"});
}

void Management::create_queue(Round& round) {
  QueuePlan plan;
  plan.number = round.queue = free_number(*round.tenant, first_new_queue + round.step / steps_of_a_round % 1000);
  plan.name = "Campaign";
  if (round.tenant->extension(round.extension) != nullptr) plan.agents = {round.extension};
  create(*round.tenant, plan);
}

void Management::update_queue(Round& round) {
  auto* queue = round.tenant->queue(round.queue);
  if (queue == nullptr) return;
  update(*queue, "Campaign, second week");
  if (round.tenant->extensions.empty()) return;
  auto& extension = *context_.random.one_of(round.tenant->extensions);
  if (queue->agent(extension) == nullptr)
    add_agent(*queue, extension);
  else if (extension.call == nullptr)
    remove_agent(*queue, extension);
}

Extension& Management::create(Tenant& tenant, const ExtensionPlan& plan) {
  auto& extension = tenant.add(plan);
  context_.announcer.announce("extension_created", extension,
                              [&] { return event_text::extension_created(tenant, extension); });
  return extension;
}

void Management::update(Extension& extension, std::string_view display_name) {
  extension.display_name = display_name;
  context_.announcer.announce("extension_updated", extension,
                              [&] { return event_text::extension_updated(*extension.tenant, extension); });
}

void Management::destroy(Extension& extension) {
  auto& tenant = *extension.tenant;
  if (extension.call != nullptr) calls_.end(*calls_.find(extension.call->serial), "callee_disconnected");
  while (!extension.queues.empty()) remove_agent(*extension.queues.back(), extension);
  context_.announcer.announce("extension_destroyed", extension,
                              [&] { return event_text::extension_destroyed(tenant, extension); });
  tenant.remove(extension);
}

Queue& Management::create(Tenant& tenant, const QueuePlan& plan) {
  auto& queue = tenant.add(plan);
  context_.announcer.announce("queue_created", queue, [&] { return event_text::queue_created(tenant, queue); });
  for (auto& agent : queue.agents) announce_first_state(agent);
  return queue;
}

void Management::update(Queue& queue, std::string_view name) {
  queue.plan.name = name;
  context_.announcer.announce("queue_updated", queue, [&] { return event_text::queue_updated(*queue.tenant, queue); });
}

void Management::destroy(Queue& queue) {
  end_calls_in(queue);
  while (!queue.agents.empty()) remove_agent(queue, *queue.agents.back().extension);
  context_.announcer.announce("queue_destroy", queue, [&] { return event_text::queue_destroy(*queue.tenant, queue); });
  std::erase(context_.queues_to_serve, &queue);
  queue.tenant->remove(queue);
}

void Management::end_calls_in(const Queue& queue) {
  std::vector<Call*> calls;
  for (const auto& [serial, call] : calls_.open())
    if (call->queue == &queue) calls.push_back(call.get());
  for (auto* call : calls) calls_.end(*call, "callee_disconnected");
}

void Management::add_agent(Queue& queue, Extension& extension) {
  sim::add_agent(queue, extension);
  announce_first_state(queue.agents.back());
}

void Management::remove_agent(Queue& queue, Extension& extension) {
  sim::remove_agent(queue, extension);
  queue_events_.agent_removed(queue, extension);
  context_.announcer.announce("extension_agent_status", extension, [&] {
    return event_text::extension_agent_status(*extension.tenant, extension, context_.now);
  });
}

void Management::announce_first_state(Agent& agent) {
  agent.state = "";
  phones_.refresh(*agent.extension);
}

}  // namespace pbxbridge::sim
