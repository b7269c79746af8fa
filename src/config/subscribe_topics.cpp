#include "config/subscribe_topics.hpp"

#include <algorithm>

namespace pbxbridge::config {

std::span<const SubscribeTopic> subscribe_topics() {
  static constexpr SubscribeTopic topics[] = {
      {"global_extension_management_events", "tenants", "a system administrator", "System Tenant: View Only"},
      {"extension_management_events", "", "a tenant's user", "User: View Only"},
      {"global_extension_events", "tenants", "a system administrator", "System Tenant: View Only"},
      {"extension_events", "extensions", "a tenant's user", "Users: View Only, or PhoneSystem: View Only"},
      {"global_cdr_events", "tenants", "a system administrator", "System Tenant: View Only"},
      {"cdr_events", "", "a tenant's user", "Analytics: View Only"},
      {"global_queue_management_events", "tenants", "a system administrator", "System Tenant: View Only"},
      {"queue_management_events", "", "a tenant's administrator or queue manager", "Analytics: View Only"},
      {"global_queue_events", "tenants", "a system administrator", "System Tenant: View Only"},
      {"queue_events", "queues",
       "a tenant's administrator or queue manager, or an extension that is an agent or manager of each queue",
       "Analytics: View Only"},
  };
  return topics;
}

const SubscribeTopic* find_subscribe_topic(std::string_view name) {
  const auto topics = subscribe_topics();
  const auto found = std::ranges::find(topics, name, &SubscribeTopic::name);
  return found == topics.end() ? nullptr : &*found;
}

std::span<const std::string_view> subscribe_topics_of_version_16() {
  static constexpr std::string_view topics[] = {"extension_events", "cdr_events", "queue_events", "trunk_events"};
  return topics;
}

}  // namespace pbxbridge::config
