#include "simulator/model/world.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace pbxbridge::sim {

namespace {

constexpr std::uint64_t first_id_base = 710'000'000'000'000'000;
constexpr std::uint64_t generation_step = 100'000'000'000'000;
constexpr std::uint64_t id_base_step = 10'000'000'000'000'000;
constexpr std::uint64_t first_trunk_id = 900'001;

/// Shorter numbers come first, as people list them.
auto order_of(std::string_view number) { return std::pair(number.size(), number); }

template <class Entity>
std::string_view number_of(const std::unique_ptr<Entity>& entity) {
  if constexpr (std::is_same_v<Entity, Extension>)
    return entity->number;
  else
    return entity->number();
}

template <class Entity>
auto place_of(const std::vector<std::unique_ptr<Entity>>& list, std::string_view number) {
  return std::ranges::lower_bound(list, order_of(number), {},
                                  [](const auto& entity) { return order_of(number_of(entity)); });
}

template <class Entity>
Entity* find(const std::vector<std::unique_ptr<Entity>>& list, std::string_view number) {
  const auto place = place_of(list, number);
  return place == list.end() || number_of(*place) != number ? nullptr : place->get();
}

/// `7100...101` for extension 101 of the first tenant: numbers of a tenant are unique, and so are its ids.
std::string id_of(const Tenant& tenant, std::string_view number) {
  std::uint64_t value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return std::to_string(tenant.id_base + value);
}

}  // namespace

Agent* Queue::agent(const Extension& extension) {
  const auto found = std::ranges::find(agents, &extension, &Agent::extension);
  return found == agents.end() ? nullptr : &*found;
}

Extension* Tenant::extension(std::string_view number) const { return find(extensions, number); }

Queue* Tenant::queue(std::string_view number) const { return find(queues, number); }

Extension& Tenant::add(const ExtensionPlan& plan) {
  auto extension = std::make_unique<Extension>();
  extension->tenant = this;
  extension->number = plan.number;
  extension->id = id_of(*this, plan.number);
  extension->display_name = plan.name;
  extension->username = plan.username;
  extension->department = plan.department;
  return **extensions.insert(place_of(extensions, plan.number), std::move(extension));
}

Queue& Tenant::add(const QueuePlan& plan) {
  auto queue = std::make_unique<Queue>();
  queue->tenant = this;
  queue->plan = plan;
  queue->id = id_of(*this, plan.number);
  for (const auto& number : plan.agents) add_agent(*queue, *extension(number));
  for (const auto& number : plan.managers) queue->managers.push_back(extension(number));
  return **queues.insert(place_of(queues, plan.number), std::move(queue));
}

void Tenant::remove(const Extension& extension) {
  for (const auto& queue : queues) std::erase(queue->managers, &extension);
  extensions.erase(place_of(extensions, extension.number));
}

void Tenant::remove(Queue& queue) {
  while (!queue.agents.empty()) remove_agent(queue, *queue.agents.back().extension);
  queues.erase(place_of(queues, queue.number()));
}

void add_agent(Queue& queue, Extension& extension) {
  Agent agent;
  agent.extension = &extension;
  queue.agents.push_back(std::move(agent));
  if (extension.queues.empty()) ++extension.tenant->agents;
  extension.queues.push_back(&queue);
}

void remove_agent(Queue& queue, Extension& extension) {
  std::erase_if(queue.agents, [&](const Agent& agent) { return agent.extension == &extension; });
  if (std::erase(extension.queues, &queue) != 0 && extension.queues.empty()) --extension.tenant->agents;
}

World::World(const std::vector<TenantPlan>& plans, std::uint32_t generation) {
  auto id_base = first_id_base + generation * generation_step;
  tenants.reserve(plans.size());  // extensions and queues point to their tenant
  for (const auto& plan : plans) {
    auto& tenant = tenants.emplace_back();
    tenant.id_base = id_base;
    tenant.id = std::to_string(id_base + 1);
    tenant.name = plan.name;
    tenant.domain = plan.domain;
    for (const auto& extension : plan.extensions) tenant.add(extension);
    for (const auto& queue : plan.queues) tenant.add(queue);
    for (std::size_t i = 0; i < plan.trunks.size(); ++i)
      tenant.trunks.push_back(
          {plan.trunks[i], plan.trunks[i].name + ":" + std::to_string(id_base + first_trunk_id + i)});
    id_base += id_base_step;
  }
}

const Tenant* World::tenant_of_domain(std::string_view domain) const {
  const auto found = std::ranges::find(tenants, domain, &Tenant::domain);
  return found == tenants.end() ? nullptr : &*found;
}

const Tenant* World::tenant_of_id(std::string_view id) const {
  const auto found = std::ranges::find(tenants, id, &Tenant::id);
  return found == tenants.end() ? nullptr : &*found;
}

std::string_view World::queue_number(std::string_view queue_id) const {
  for (const auto& tenant : tenants)
    for (const auto& queue : tenant.queues)
      if (queue->id == queue_id) return queue->number();
  return {};
}

bool serves(const Tenant& tenant, std::string_view extension_number, std::string_view queue_number) {
  const auto* queue = tenant.queue(queue_number);
  const auto* extension = tenant.extension(extension_number);
  if (queue == nullptr || extension == nullptr) return false;
  return queue->agent(*extension) != nullptr || std::ranges::find(queue->managers, extension) != queue->managers.end();
}

}  // namespace pbxbridge::sim
