#include "simulator/model/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace pbxbridge::sim {

namespace {

constexpr std::uint64_t first_id_base = 710'000'000'000'000'000;
constexpr std::uint64_t id_base_step = 10'000'000'000'000'000;
constexpr std::uint32_t first_extension = 101;
constexpr std::uint32_t first_queue = 8001;
constexpr std::size_t agents_per_queue = 5;

constexpr std::array<std::string_view, 12> first_names{"Ada",    "Grace",   "Edsger", "Barbara", "Dennis", "Radia",
                                                       "Donald", "Frances", "Alan",   "Lin",     "Ken",    "Margaret"};
constexpr std::array<std::string_view, 7> family_names{"Byron", "Hopper", "Meyer", "Stone", "Perl", "Kay", "Hamilton"};
constexpr std::array<std::string_view, 4> departments{"Research", "Sales", "Support", "Finance"};
constexpr std::array<std::string_view, 6> queue_names{"Sales", "Support", "Billing", "Orders", "Reception", "Returns"};

Extension make_extension(std::uint64_t id_base, std::uint32_t index) {
  const auto number = first_extension + index;
  Extension extension;
  extension.number = std::to_string(number);
  extension.id = std::to_string(id_base + number);
  extension.display_name = fmt::format("{} {}", first_names[index % first_names.size()],
                                       family_names[index / first_names.size() % family_names.size()]);
  extension.username = fmt::format("user{}", number);
  extension.department = departments[index % departments.size()];
  return extension;
}

Queue make_queue(std::uint64_t id_base, std::uint32_t index, std::size_t extension_count) {
  const auto number = first_queue + index;
  Queue queue;
  queue.number = std::to_string(number);
  queue.id = std::to_string(id_base + number);
  queue.name = queue_names[index % queue_names.size()];
  for (std::size_t i = 0; i < std::min(agents_per_queue, extension_count); ++i) {
    Agent agent;
    agent.extension = (index + i) % extension_count;
    queue.agents.push_back(std::move(agent));
  }
  return queue;
}

}  // namespace

World::World(const std::vector<TenantPlan>& plans) {
  auto id_base = first_id_base;
  for (const auto& plan : plans) {
    Tenant tenant;
    tenant.id_base = id_base;
    tenant.id = std::to_string(id_base + 1);
    tenant.name = plan.name;
    tenant.domain = plan.domain;
    for (std::uint32_t i = 0; i < plan.extensions; ++i) tenant.extensions.push_back(make_extension(id_base, i));
    for (std::uint32_t i = 0; i < plan.queues; ++i)
      tenant.queues.push_back(make_queue(id_base, i, tenant.extensions.size()));
    tenants.push_back(std::move(tenant));
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
      if (queue.id == queue_id) return queue.number;
  return {};
}

bool is_agent(const Tenant& tenant, std::string_view extension_number, std::string_view queue_number) {
  const auto queue = std::ranges::find(tenant.queues, queue_number, &Queue::number);
  if (queue == tenant.queues.end()) return false;
  return std::ranges::any_of(
      queue->agents, [&](const Agent& agent) { return tenant.extensions[agent.extension].number == extension_number; });
}

}  // namespace pbxbridge::sim
