#include "pbx/snapshots.hpp"

#include "event/sip_uri.hpp"
#include "pbx/dialect.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace pbxbridge::pbx {

namespace {

using config::SubscribeConfig;

/// Snapshots come at once and without a break. An event that comes later may be news.
constexpr std::chrono::milliseconds longest_silence{500};

bool is_in(const std::vector<std::string>& list, const std::string& element) {
  return std::ranges::find(list, element) != list.end();
}

bool is_among(const std::vector<std::string>& selector, const std::string& element) {
  return selector.empty() || is_in(selector, element);
}

}  // namespace

struct Snapshots::Kind {
  std::string_view topic;  // without `global_`
  std::string_view event_type;
  std::string_view elements;  // array of what each says of one entity; empty: the payload is about one
  std::string_view number;    // field of the entity
  bool is_sip_uri = false;
  std::vector<std::string> SubscribeConfig::*selector;
};

const Snapshots::Kind* Snapshots::kind_of(std::string_view topic) {
  static constexpr Kind kinds[] = {
      {"extension_events", "extension_status", "status", "extension", true, &SubscribeConfig::extensions},
      {"queue_management_events", "queue_created", "", "queue_number", false, &SubscribeConfig::queues},
      {"queue_events", "queue_status", "", "queue_number", false, &SubscribeConfig::queues},
  };
  constexpr std::string_view global = "global_";
  if (topic.starts_with(global)) topic.remove_prefix(global.size());
  const auto* const found = std::ranges::find(kinds, topic, &Kind::topic);
  return found == std::end(kinds) ? nullptr : found;
}

std::optional<SubscribeConfig> Snapshots::part_of(const SubscribeConfig& entry, const event::QueueNames& queues) const {
  const Kind* const kind = follow(entry.topic) ? kind_of(entry.topic) : nullptr;
  if (kind == nullptr || kind->event_type != "queue_status") return std::nullopt;
  SubscribeConfig part = entry;
  part.tenants.clear();
  part.queues.clear();
  bool is_any = false;
  for (const auto& queue : queues) {
    if (!selects(entry, *kind, {queue.tenant, queue.number})) continue;
    is_any = true;
    if (!entry.queues.empty()) part.queues.push_back(queue.number);
    if (!entry.tenants.empty() && !is_in(part.tenants, queue.tenant)) part.tenants.push_back(queue.tenant);
  }
  return is_any ? std::optional(part) : std::nullopt;
}

void Snapshots::asked(std::uint64_t subscription, const SubscribeConfig& entry) {
  end(subscription);
  if (follow(entry.topic)) running_.push_back({subscription, kind_of(entry.topic), entry});
}

void Snapshots::granted(std::uint64_t subscription, SystemTime at) {
  const auto found = std::ranges::find(running_, subscription, &Running::subscription);
  if (found != running_.end()) found->latest = at;
}

void Snapshots::end(std::uint64_t subscription) {
  std::erase_if(running_, [&](const Running& running) { return running.subscription == subscription; });
}

bool Snapshots::take(std::string_view payload, SystemTime received_at) {
  std::erase_if(running_, [&](const Running& running) {
    return running.latest && received_at - *running.latest > longest_silence;
  });
  const auto event_type = glance_at_event_type(payload);
  const auto is_of_type = [&](const Running& running) { return running.kind->event_type == event_type; };
  const auto first = std::ranges::find_if(running_, is_of_type);
  if (first == running_.end()) return false;
  const auto entities = entities_of(*first->kind, payload);
  const auto has_not_had = [&](const Running& running) {
    return is_of_type(running) &&
           std::ranges::all_of(entities,
                               [&](const Entity& entity) { return selects(running.entry, *running.kind, entity); }) &&
           !std::ranges::all_of(entities, [&](const Entity& entity) { return running.seen.contains(entity); });
  };
  const auto running = std::ranges::find_if(running_, has_not_had);
  if (running == running_.end()) return false;
  running->seen.insert(entities.begin(), entities.end());
  if (running->latest) running->latest = received_at;
  return true;
}

bool Snapshots::selects(const SubscribeConfig& entry, const Kind& kind, const Entity& entity) {
  const auto& [tenant, number] = entity;
  return is_among(entry.tenants, tenant) && is_among(entry.*kind.selector, number);
}

/// Empty where the payload does not say what it is about.
std::vector<Snapshots::Entity> Snapshots::entities_of(const Kind& kind, std::string_view payload) {
  document_.parse(payload);
  if (!document_.root()) return {};
  using Path = std::vector<std::string_view>;
  const auto text_of = [this](simdjson::dom::element object, const Path& path) {
    simdjson::dom::element value;
    event::ScalarText digits;
    if (object[path.back()].get(value) != simdjson::SUCCESS) return std::string();
    return std::string(digits.of(value, document_, path).value_or(""));
  };
  const std::string tenant = text_of(*document_.root(), {"tenant_id"});
  std::vector<Entity> entities;
  const auto add = [&](simdjson::dom::element object, const Path& path) {
    std::string buffer;
    const std::string number = text_of(object, path);
    entities.emplace_back(tenant, kind.is_sip_uri ? std::string(event::sip_user(number, buffer)) : number);
  };
  if (kind.elements.empty()) {
    add(*document_.root(), {kind.number});
  } else {
    simdjson::dom::array elements;
    if ((*document_.root())[kind.elements].get(elements) != simdjson::SUCCESS) return {};
    for (const auto element : elements) add(element, {kind.elements, std::to_string(entities.size()), kind.number});
  }
  const bool are_named = std::ranges::none_of(entities, [](const Entity& entity) { return entity.second.empty(); });
  return are_named ? entities : std::vector<Entity>();
}

}  // namespace pbxbridge::pbx
