#include "pbx/subscription_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace pbxbridge::pbx {
namespace {

using config::SubscribeConfig;

struct Selector {
  std::string_view name;
  std::string_view singular;
  std::vector<std::string> SubscribeConfig::*elements;
};

constexpr std::array<Selector, 3> selectors{{
    {"tenants", "tenant", &SubscribeConfig::tenants},
    {"extensions", "extension", &SubscribeConfig::extensions},
    {"queues", "queue", &SubscribeConfig::queues},
}};

bool has_selector(const SubscribeConfig& entry) {
  return std::any_of(selectors.begin(), selectors.end(),
                     [&](const Selector& selector) { return !(entry.*selector.elements).empty(); });
}

std::string count(std::size_t number, std::string_view singular) {
  return fmt::format("{} {}{}", number, singular, number == 1 ? "" : "s");
}

}  // namespace

std::vector<SubscriptionRequest> requests_for(const SubscribeConfig& entry, std::size_t batch) {
  if (!has_selector(entry)) return {SubscriptionRequest{entry.topic, entry.keys, {}, {}}};
  std::vector<SubscriptionRequest> requests;
  const std::size_t step = std::max<std::size_t>(batch, 1);
  for (const Selector& selector : selectors) {
    const auto& elements = entry.*selector.elements;
    for (std::size_t begin = 0; begin < elements.size(); begin += step) {
      const auto first = elements.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = first + static_cast<std::ptrdiff_t>(std::min(step, elements.size() - begin));
      requests.push_back({entry.topic, entry.keys, std::string(selector.name), {first, last}});
    }
  }
  return requests;
}

std::vector<SubscriptionRequest> requests_to_end(const SubscribeConfig& dropped,
                                                 const std::vector<SubscribeConfig>& kept, std::size_t batch) {
  const auto same_topic = [&](const SubscribeConfig& entry) { return entry.topic == dropped.topic; };
  const bool topic_is_kept = std::any_of(kept.begin(), kept.end(), same_topic);
  if (!has_selector(dropped)) return topic_is_kept ? std::vector<SubscriptionRequest>{} : requests_for(dropped, batch);
  if (std::any_of(kept.begin(), kept.end(),
                  [&](const auto& entry) { return same_topic(entry) && !has_selector(entry); }))
    return {};

  SubscribeConfig rest = dropped;
  for (const Selector& selector : selectors) {
    std::set<std::string> wanted;
    for (const auto& entry : kept)
      if (same_topic(entry)) wanted.insert((entry.*selector.elements).begin(), (entry.*selector.elements).end());
    std::erase_if(rest.*selector.elements, [&](const std::string& element) { return wanted.contains(element); });
  }
  return has_selector(rest) ? requests_for(rest, batch) : std::vector<SubscriptionRequest>{};
}

std::vector<SubscribeConfig> without_repetitions(std::vector<SubscribeConfig> entries) {
  std::vector<SubscribeConfig> unique;
  for (auto& entry : entries)
    if (std::find(unique.begin(), unique.end(), entry) == unique.end()) unique.push_back(std::move(entry));
  return unique;
}

std::string describe_selector(const SubscribeConfig& entry) {
  std::vector<std::string> parts;
  for (const Selector& selector : selectors) {
    const auto& elements = entry.*selector.elements;
    if (!elements.empty()) parts.push_back(count(elements.size(), selector.singular));
  }
  if (!entry.keys.empty()) parts.push_back(count(entry.keys.size(), "key"));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string describe(const SubscribeConfig& entry) {
  const std::string selector = describe_selector(entry);
  return selector.empty() ? entry.topic : fmt::format("{} ({})", entry.topic, selector);
}

}  // namespace pbxbridge::pbx
