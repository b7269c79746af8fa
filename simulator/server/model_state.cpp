#include "simulator/server/model_state.hpp"

#include "simulator/model/event_text.hpp"
#include "simulator/rest/resources.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace pbxbridge::sim {

namespace {

void add_extensions(std::vector<std::string>& state, const Tenant& tenant, Time now) {
  std::vector<const Extension*> extensions;
  for (const auto& extension : tenant.extensions) extensions.push_back(extension.get());
  for (const auto* extension : extensions) state.push_back(event_text::extension_created(tenant, *extension));
  state.push_back(event_text::extension_status(tenant, extensions, now));
  for (const auto* extension : extensions)
    if (!extension->queues.empty()) state.push_back(event_text::extension_agent_status(tenant, *extension, now));
}

std::string queue_totals(const Tenant& tenant, const Queue& queue) {
  const auto& totals = queue.totals;
  return fmt::format(
      R"({{"event_type":"queue_totals","tenant_id":"{}","queue_id":"{}","queue_number":"{}","waiting":{},)"
      R"("callbacks":{},"entered":{},"answered":{},"abandoned":{},"overflowed":{},"called_back":{},)"
      R"("sla_breached":{}}})",
      tenant.id, queue.id, queue.number(), queue.waiting.size(),
      std::ranges::count(queue.waiting, "callback", &WaitingCaller::type), totals.entered, totals.answered,
      totals.abandoned, totals.overflowed, totals.called_back, totals.sla_breached);
}

}  // namespace

std::vector<std::string> model_state(const World& world, const Model& model) {
  std::vector<std::string> state;
  for (const auto& tenant : world.tenants) {
    add_extensions(state, tenant, model.now());
    for (const auto& queue : tenant.queues) {
      state.push_back(event_text::queue_status(tenant, *queue));
      state.push_back(queue_totals(tenant, *queue));
    }
  }
  for (const auto& [serial, call] : model.open_calls()) {
    if (call->phase == Call::Phase::planned) continue;
    auto object = resource::session(*call);
    object["event_type"] = "open_call";
    state.push_back(object.dump());
  }
  return state;
}

}  // namespace pbxbridge::sim
