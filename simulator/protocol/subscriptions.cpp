#include "simulator/protocol/subscriptions.hpp"

#include <algorithm>

namespace pbxbridge::sim {

namespace {

bool any_selected(const std::set<std::string>& selected, const std::vector<std::string>& numbers) {
  return selected.empty() || numbers.empty() ||
         std::ranges::any_of(numbers, [&](const std::string& number) { return selected.contains(number); });
}

bool covers(const SubscriptionRequest& granted, const EventFacts& event, const std::string& own_tenant_id) {
  if (granted.topic->family != event.family) return false;
  if (!granted.keys.empty() && !granted.keys.contains(event.event_type)) return false;
  if (!granted.topic->global && !event.tenant_id.empty() && event.tenant_id != own_tenant_id) return false;
  switch (granted.topic->selector) {
    case Selector::tenants:
      return event.tenant_id.empty() || granted.selected.empty() || granted.selected.contains(event.tenant_id);
    case Selector::extensions:
      return any_selected(granted.selected, event.extensions);
    case Selector::queues:
      return any_selected(granted.selected, event.queues);
    case Selector::none:
      break;
  }
  return true;
}

/// Two lists where an empty one means everything.
void widen(std::set<std::string>& list, const std::set<std::string>& more) {
  if (list.empty()) return;
  if (more.empty())
    list.clear();
  else
    list.insert(more.begin(), more.end());
}

}  // namespace

void Subscriptions::add(const SubscriptionRequest& request) {
  const auto existing = std::ranges::find(granted_, request.topic, &SubscriptionRequest::topic);
  if (existing == granted_.end()) {
    granted_.push_back(request);
    return;
  }
  widen(existing->selected, request.selected);
  widen(existing->keys, request.keys);
}

bool Subscriptions::remove(const SubscriptionRequest& request) {
  const auto existing = std::ranges::find(granted_, request.topic, &SubscriptionRequest::topic);
  if (existing == granted_.end()) return false;
  if (request.selected.empty() && request.keys.empty()) {
    granted_.erase(existing);
    return true;
  }
  std::size_t removed = 0;
  for (const auto& element : request.selected) removed += existing->selected.erase(element);
  for (const auto& key : request.keys) removed += existing->keys.erase(key);
  const bool nothing_left =
      (!request.selected.empty() && existing->selected.empty()) || (!request.keys.empty() && existing->keys.empty());
  if (removed > 0 && nothing_left) granted_.erase(existing);
  return removed > 0;
}

const Topic* Subscriptions::entitle(const EventFacts& event, const std::string& own_tenant_id) const {
  const auto entitling = std::ranges::find_if(granted_, [&](const SubscriptionRequest& granted) {
    return event.family == Family::unknown || covers(granted, event, own_tenant_id);
  });
  return entitling == granted_.end() ? nullptr : entitling->topic;
}

}  // namespace pbxbridge::sim
