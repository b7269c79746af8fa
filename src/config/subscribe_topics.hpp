#pragma once

#include <span>
#include <string_view>

namespace pbxbridge::config {

/// A topic of a PBX of version 22 and the one list of elements that a subscription to it takes (PortSIP PBX 22.3, "WSI:
/// Pub/Sub").
struct SubscribeTopic {
  std::string_view name;
  std::string_view selector;  ///< `tenants`, `extensions` or `queues`; empty: none
};

std::span<const SubscribeTopic> subscribe_topics();

/// The topics of version 16, where each takes `keys`.
std::span<const std::string_view> subscribe_topics_of_version_16();

}  // namespace pbxbridge::config
