#pragma once

#include <span>
#include <string_view>

namespace pbxbridge::config {

/// A topic of a PBX of version 22 (PortSIP PBX 22.3, "WSI: Pub/Sub").
struct SubscribeTopic {
  std::string_view name;
  std::string_view selector;    ///< the one list that a subscription takes: `tenants`, `extensions`, `queues`; or none
  std::string_view account;     ///< who may subscribe
  std::string_view permission;  ///< one that such an account needs, by the PBX's own name
};

std::span<const SubscribeTopic> subscribe_topics();
/// Null where there is none of that name.
const SubscribeTopic* find_subscribe_topic(std::string_view name);

/// The topics of version 16, where each takes `keys`.
std::span<const std::string_view> subscribe_topics_of_version_16();

}  // namespace pbxbridge::config
