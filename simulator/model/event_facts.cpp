#include "simulator/model/event_facts.hpp"

#include <nlohmann/json.hpp>

namespace pbxbridge::sim {

namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// `sip:101@example.test` is extension 101, and so is `101`.
std::string user_part(std::string uri) {
  if (uri.starts_with("sip:")) uri.erase(0, 4);
  return uri.substr(0, uri.find('@'));
}

void add(std::vector<std::string>& numbers, std::string number) {
  if (!number.empty()) numbers.push_back(std::move(number));
}

std::vector<std::string> extensions_of(const json& object, Dialect dialect) {
  std::vector<std::string> numbers;
  add(numbers, user_part(text(object, "extension")));
  if (dialect == Dialect::v16)
    for (const char* key : {"caller", "callee", "destination"}) add(numbers, user_part(text(object, key)));
  if (const auto status = object.find("status"); status != object.end() && status->is_array())
    for (const auto& element : *status)
      if (element.is_object()) add(numbers, user_part(text(element, "extension")));
  return numbers;
}

std::vector<std::string> queues_of(const json& object, const World& world) {
  std::vector<std::string> numbers;
  add(numbers, text(object, "queue_number"));
  const auto id = text(object, "queue_id");
  if (!numbers.empty() || id.empty()) return numbers;
  const auto number = world.queue_number(id);
  numbers.push_back(number.empty() ? id : std::string(number));
  return numbers;
}

}  // namespace

EventFacts facts_of(std::string_view frame, const World& world, Dialect dialect) {
  EventFacts facts;
  const auto object = json::parse(frame, nullptr, false);
  if (!object.is_object()) return facts;
  facts.event_type = text(object, "event_type");
  facts.family = family_of(facts.event_type, dialect);
  facts.tenant_id = text(object, "tenant_id");
  if (facts.family == Family::extension) facts.extensions = extensions_of(object, dialect);
  if (facts.family == Family::queue) facts.queues = queues_of(object, world);
  return facts;
}

}  // namespace pbxbridge::sim
