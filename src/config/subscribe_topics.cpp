#include "config/subscribe_topics.hpp"

namespace pbxbridge::config {

std::span<const SubscribeTopic> subscribe_topics() {
  static constexpr SubscribeTopic topics[] = {
      {"global_extension_management_events", "tenants"},
      {"extension_management_events", ""},
      {"global_extension_events", "tenants"},
      {"extension_events", "extensions"},
      {"global_cdr_events", "tenants"},
      {"cdr_events", ""},
      {"global_queue_management_events", "tenants"},
      {"queue_management_events", ""},
      {"global_queue_events", "tenants"},
      {"queue_events", "queues"},
  };
  return topics;
}

std::span<const std::string_view> subscribe_topics_of_version_16() {
  static constexpr std::string_view topics[] = {"extension_events", "cdr_events", "queue_events", "trunk_events"};
  return topics;
}

}  // namespace pbxbridge::config
