#include "simulator/model/traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr double calls_of_an_extension_an_hour = 5;
constexpr double calls_to_an_agent_an_hour = 14;
constexpr std::size_t attempts = 4;               ///< to find somebody who is idle
constexpr unsigned percent_who_call_anyway = 10;  ///< somebody who is busy, or not there

double calls_to_agents_an_hour(const Tenant& tenant) {
  return calls_to_an_agent_an_hour * static_cast<double>(tenant.agents);
}

double calls_of_extensions_an_hour(const Tenant& tenant) {
  return calls_of_an_extension_an_hour * static_cast<double>(tenant.extensions.size());
}

}  // namespace

Traffic::Traffic(Context& context, CallFlow& calls) : context_(context), calls_(calls) {
  for (auto& tenant : context.world.tenants) plan_next(tenant);
}

/// Comes as often as in the busiest hour; whether it becomes a call is left to the hour that it is then.
void Traffic::plan_next(Tenant& tenant) {
  const auto an_hour = calls_of_extensions_an_hour(tenant) + calls_to_agents_an_hour(tenant);
  const auto busiest = std::max(Day::busiest, context_.set_activity.value_or(0));
  const Duration mean(static_cast<std::int64_t>(3'600'000 / std::max(1.0, an_hour * busiest)));
  context_.after(context_.random.until_next(mean), [this, &tenant, busiest] {
    if (context_.random.fraction() < context_.activity() / busiest) start_call(tenant);
    plan_next(tenant);
  });
}

void Traffic::start_call(Tenant& tenant) {
  if (tenant.extensions.empty()) return;
  const auto to_agents = calls_to_agents_an_hour(tenant);
  const auto to_others = calls_of_extensions_an_hour(tenant);
  if (context_.random.fraction() * (to_agents + to_others) < to_agents)
    call_queue_from_outside(tenant);
  else if (context_.random.chance(30))
    call_extension_from_outside(tenant);
  else
    call_from_inside(tenant);
}

void Traffic::call_queue_from_outside(Tenant& tenant) {
  if (tenant.trunks.empty()) return;
  const auto& trunk = context_.random.one_of(tenant.trunks);
  if (!trunk.connected) return;
  const auto& queue = *context_.random.one_of(tenant.queues);
  const auto dialled = std::ranges::find(trunk.plan.numbers, queue.number(), &DirectNumber::leads_to);
  if (dialled != trunk.plan.numbers.end()) calls_.call_from_outside(tenant, trunk, *dialled, outside_number());
}

void Traffic::call_extension_from_outside(Tenant& tenant) {
  if (tenant.trunks.empty()) return;
  const auto& trunk = context_.random.one_of(tenant.trunks);
  if (!trunk.connected) return;
  for (std::size_t i = 0; i < attempts && !trunk.plan.numbers.empty(); ++i) {
    const auto& dialled = context_.random.one_of(trunk.plan.numbers);
    const auto* extension = tenant.extension(dialled.leads_to);
    if (extension != nullptr && is_called(*extension))
      return calls_.call_from_outside(tenant, trunk, dialled, outside_number());
  }
}

void Traffic::call_from_inside(Tenant& tenant) {
  for (std::size_t i = 0; i < attempts; ++i) {
    auto& from = *context_.random.one_of(tenant.extensions);
    auto& to = *context_.random.one_of(tenant.extensions);
    if (!from.is_idle() || &from == &to || !is_called(to)) continue;
    if (tenant.trunks.empty() || !context_.random.chance(30)) return calls_.call_extension(from, to);
    // Drawn one by one: the order in which arguments are evaluated depends on the compiler.
    const auto number = outside_number();
    return calls_.call_outside(from, context_.random.one_of(tenant.trunks), number);
  }
}

bool Traffic::is_called(const Extension& extension) {
  return extension.is_idle() || context_.random.chance(percent_who_call_anyway);
}

std::string Traffic::outside_number() { return fmt::format("155501{:05}", context_.random.below(100'000)); }

}  // namespace pbxbridge::sim
