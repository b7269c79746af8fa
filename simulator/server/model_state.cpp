#include "simulator/server/model_state.hpp"

#include "simulator/model/event_text.hpp"
#include "simulator/rest/resources.hpp"

#include <nlohmann/json.hpp>

namespace pbxbridge::sim {

std::vector<std::string> model_state(const World& world, const Model& model) {
  std::vector<std::string> state;
  for (const auto& tenant : world.tenants) {
    std::vector<const Extension*> extensions;
    for (const auto& extension : tenant.extensions) extensions.push_back(extension.get());
    state.push_back(event_text::extension_status(tenant, extensions, model.now()));
    for (const auto& queue : tenant.queues) state.push_back(event_text::queue_status(tenant, *queue));
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
