#include "simulator/model/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace pbxbridge::sim {

namespace {

constexpr std::uint32_t first_extension = 101;
constexpr std::uint32_t first_queue = 8001;
constexpr std::uint32_t block_of_queues = 8000;
constexpr std::uint32_t size_of_block = 1000;
constexpr std::uint32_t agents_per_queue = 5;
constexpr std::uint32_t last_number_of_first_queue = 199;

constexpr std::array<std::string_view, 12> first_names{"Ada",    "Grace",   "Edsger", "Barbara", "Dennis", "Radia",
                                                       "Donald", "Frances", "Alan",   "Lin",     "Ken",    "Margaret"};
constexpr std::array<std::string_view, 7> family_names{"Byron", "Hopper", "Meyer", "Stone", "Perl", "Kay", "Hamilton"};
constexpr std::array<std::string_view, 4> departments{"Research", "Sales", "Support", "Finance"};
constexpr std::array<std::string_view, 6> queue_names{"Sales", "Support", "Billing", "Orders", "Reception", "Returns"};

}  // namespace

std::vector<ExtensionPlan> made_up_extensions(std::uint32_t count) {
  std::vector<ExtensionPlan> extensions;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto number = first_extension + i;
    if (number >= block_of_queues) number += size_of_block;
    extensions.push_back({std::to_string(number),
                          fmt::format("{} {}", first_names[i % first_names.size()],
                                      family_names[i / first_names.size() % family_names.size()]),
                          fmt::format("user{}", number), std::string(departments[i % departments.size()])});
  }
  return extensions;
}

std::vector<QueuePlan> made_up_queues(std::uint32_t count, const std::vector<ExtensionPlan>& extensions) {
  std::vector<QueuePlan> queues;
  for (std::uint32_t i = 0; i < count; ++i) {
    QueuePlan queue;
    queue.number = std::to_string(first_queue + i);
    queue.name = queue_names[i % queue_names.size()];
    const auto size = static_cast<std::uint32_t>(extensions.size());
    const auto agents = std::min(agents_per_queue, size);
    for (std::uint32_t agent = 0; agent < agents; ++agent)
      queue.agents.push_back(extensions[(i + agent) % size].number);
    if (size > 0) queue.managers.push_back(extensions[(i + agents) % size].number);
    queues.push_back(std::move(queue));
  }
  return queues;
}

std::vector<TrunkPlan> made_up_trunks(const TenantPlan& tenant) {
  TrunkPlan trunk;
  trunk.name = "t1";
  for (std::uint32_t i = 0; i < tenant.queues.size(); ++i)
    trunk.numbers.push_back(
        {fmt::format("18005550{:03}", (last_number_of_first_queue + size_of_block - i) % size_of_block),
         tenant.queues[i].number});
  for (const auto& extension : tenant.extensions)
    trunk.numbers.push_back({"1800556" + extension.number, extension.number});
  return {trunk};
}

TenantPlan made_up_tenant(std::uint32_t number, std::uint32_t extensions, std::uint32_t queues) {
  TenantPlan tenant;
  tenant.name = fmt::format("tenant{}", number);
  tenant.domain = tenant.name + ".test";
  tenant.extensions = made_up_extensions(extensions);
  tenant.queues = made_up_queues(queues, tenant.extensions);
  tenant.trunks = made_up_trunks(tenant);
  return tenant;
}

}  // namespace pbxbridge::sim
