#pragma once

#include "config/pbx_config.hpp"
#include "pbx/dialect.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace pbxbridge::pbx {

/// The subscribes that one entry of the configuration needs: no more than `batch` elements of a selector list in each.
std::vector<SubscriptionRequest> requests_for(const config::SubscribeConfig& entry, std::size_t batch);

/// The unsubscribes that end `dropped` without touching what `kept` wants. An entry without a selector stays subscribed
/// until the next connection where a kept entry has its topic.
std::vector<SubscriptionRequest> requests_to_end(const config::SubscribeConfig& dropped,
                                                 const std::vector<config::SubscribeConfig>& kept, std::size_t batch);

/// Equal entries are one subscription.
std::vector<config::SubscribeConfig> without_repetitions(std::vector<config::SubscribeConfig> entries);

/// Describes the part of its topic that the entry selects, without numbers: `2 extensions`; empty where it is all of
/// it.
std::string describe_selector(const config::SubscribeConfig& entry);

/// The entry for a log line, without numbers of extensions or queues: `extension_events (2 extensions)`.
std::string describe(const config::SubscribeConfig& entry);

}  // namespace pbxbridge::pbx
