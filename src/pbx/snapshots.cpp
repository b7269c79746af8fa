#include "pbx/snapshots.hpp"

#include "event/sip_uri.hpp"
#include "pbx/dialect.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace pbxbridge::pbx {

namespace {

/// Snapshots come at once and without a break. An event that comes later may be news.
constexpr std::chrono::milliseconds longest_silence{500};

bool is_among(const std::vector<std::string>& selector, const std::string& element) {
  return selector.empty() || std::ranges::find(selector, element) != selector.end();
}

}  // namespace

struct Snapshots::Kind {
  std::string_view topic;  // without `global_`
  std::string_view event_type;
  std::string_view elements;  // array of what each says of one entity; empty: the payload is about one
  std::string_view number;    // field of the entity
  bool is_sip_uri = false;
  std::vector<std::string> config::SubscribeConfig::*selector;
};

const Snapshots::Kind* Snapshots::kind_of(std::string_view topic) {
  using config::SubscribeConfig;
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

void Snapshots::asked(std::uint64_t subscription, const config::SubscribeConfig& entry) {
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
           std::ranges::all_of(entities, [&](const Entity& entity) { return selects(running, entity); }) &&
           !std::ranges::all_of(entities, [&](const Entity& entity) { return running.seen.contains(entity); });
  };
  const auto running = std::ranges::find_if(running_, has_not_had);
  if (running == running_.end()) return false;
  running->seen.insert(entities.begin(), entities.end());
  if (running->latest) running->latest = received_at;
  return true;
}

bool Snapshots::selects(const Running& running, const Entity& entity) {
  const auto& [tenant, number] = entity;
  return is_among(running.entry.tenants, tenant) && is_among(running.entry.*running.kind->selector, number);
}

/// Empty where the payload does not say what it is about.
std::vector<Snapshots::Entity> Snapshots::entities_of(const Kind& kind, std::string_view payload) {
  document_.parse(payload);
  if (!document_.root()) return {};
  const auto text_of = [this](simdjson::dom::element object, std::string_view name) {
    simdjson::dom::element value;
    event::ScalarText digits;
    if (object[name].get(value) != simdjson::SUCCESS) return std::string();
    return std::string(digits.of(value, document_, std::array{name}).value_or(""));
  };
  const std::string tenant = text_of(*document_.root(), "tenant_id");
  std::vector<Entity> entities;
  const auto add = [&](simdjson::dom::element object) {
    std::string buffer;
    const std::string number = text_of(object, kind.number);
    entities.emplace_back(tenant, kind.is_sip_uri ? std::string(event::sip_user(number, buffer)) : number);
  };
  if (kind.elements.empty()) {
    add(*document_.root());
  } else {
    simdjson::dom::array elements;
    if ((*document_.root())[kind.elements].get(elements) != simdjson::SUCCESS) return {};
    for (const auto element : elements) add(element);
  }
  const bool are_named = std::ranges::none_of(entities, [](const Entity& entity) { return entity.second.empty(); });
  return are_named ? entities : std::vector<Entity>();
}

}  // namespace pbxbridge::pbx
