#include "simulator/protocol/snapshot.hpp"

#include "simulator/model/event_text.hpp"

namespace pbxbridge::sim {

namespace {

bool selected(const SubscriptionRequest& request, Selector selector, const std::string& element) {
  return request.topic->selector != selector || request.selected.empty() || request.selected.contains(element);
}

void add_extensions(std::vector<std::string>& events, const Tenant& tenant, const SubscriptionRequest& request,
                    Time now) {
  std::vector<const Extension*> extensions;
  for (const auto& extension : tenant.extensions)
    if (selected(request, Selector::extensions, extension->number)) extensions.push_back(extension.get());
  if (!extensions.empty()) events.push_back(event_text::extension_status(tenant, extensions, now));
}

}  // namespace

std::vector<std::string> snapshot(const World& world, const SubscriptionRequest& request,
                                  const std::string& own_tenant_id, Time now) {
  std::vector<std::string> events;
  for (const auto& tenant : world.tenants) {
    if (request.topic->global ? !selected(request, Selector::tenants, tenant.id) : tenant.id != own_tenant_id) continue;
    if (request.topic->family == Family::extension) add_extensions(events, tenant, request, now);
    for (const auto& queue : tenant.queues) {
      if (request.topic->family == Family::queue_management)
        events.push_back(event_text::queue_created(tenant, *queue));
      if (request.topic->family == Family::queue && selected(request, Selector::queues, queue->number()))
        events.push_back(event_text::queue_status(tenant, *queue));
    }
  }
  return events;
}

}  // namespace pbxbridge::sim
