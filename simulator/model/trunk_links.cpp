#include "simulator/model/trunk_links.hpp"

#include "simulator/model/event_text.hpp"

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration mean_between_losses = 3h;  ///< of one trunk
constexpr Duration shortest_loss = 20s;
constexpr Duration longest_loss = 3min;

}  // namespace

TrunkLinks::TrunkLinks(Context& context) : context_(context) {
  for (auto& tenant : context.world.tenants)
    for (auto& trunk : tenant.trunks) plan_loss(tenant, trunk);
}

void TrunkLinks::plan_loss(const Tenant& tenant, Trunk& trunk) {
  context_.after(context_.random.until_next(mean_between_losses), [this, &tenant, &trunk] {
    set_connected(tenant, trunk, false);
    context_.after(context_.random.between(shortest_loss, longest_loss), [this, &tenant, &trunk] {
      set_connected(tenant, trunk, true);
      plan_loss(tenant, trunk);
    });
  });
}

void TrunkLinks::set_connected(const Tenant& tenant, Trunk& trunk, bool connected) {
  if (trunk.connected == connected) return;
  trunk.connected = connected;
  const std::string_view event_type = connected ? "trunk_connected" : "trunk_disconnected";
  context_.announcer.announce(event_type, tenant, {}, {},
                              [&] { return event_text::trunk_16(event_type, tenant, trunk, context_.now); });
}

}  // namespace pbxbridge::sim
