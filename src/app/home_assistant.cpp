#include "app/home_assistant.hpp"

#include "app/retained_topics.hpp"
#include "version/version.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace pbxbridge::app {

namespace {

using config::HomeAssistantConfig;
using config::Located;
using derive::home_assistant::Installation;

constexpr std::string_view purpose = "home_assistant: ";

bool can_retain(const SinkType& type) {
  return type.topics && type.compose != nullptr && type.options_schema != nullptr &&
         std::ranges::find(type.options_schema().fields(), "retain", &config::Field::name) !=
             type.options_schema().fields().end();
}

std::string document(std::string_view field, const std::string& value) {
  return nlohmann::json({{field, value}}).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// An event as the routes will see it, as far as it is known: of a PBX, about `entity` where that is not empty.
EventPtr sample(const std::string& pbx, std::string_view event_type, Family family, EntityKind kind,
                const std::string& entity, std::string_view payload) {
  return Event::make(payload, {.pbx = pbx,
                               .event_type = event_type,
                               .tenant = {},
                               .entity = entity,
                               .entity_kind = kind,
                               .family = family,
                               .payload_kind = PayloadKind::json_object,
                               .event_time = {}});
}

/// Looks up the topics of one `home_assistant`.
class InstallationFinder {
 public:
  InstallationFinder(const config::Config& config, const HomeAssistantConfig& wanted, const RetainedTopics& topics,
                     config::Report& report)
      : wanted_(wanted), topics_(topics), report_(report) {
    installation_.sink = wanted.sink.value;
    installation_.pbx = wanted.pbx.value.empty() ? config.pbx.front().name : wanted.pbx.value;
    installation_.version = version::program();
  }

  Installation find() {
    installation_.link_topic = required(of_bridge("bridge_link"));
    installation_.gap_topic = of_bridge("bridge_gap").topic;
    installation_.bridge_topic = of_pbxbridge().topic;
    installation_.extensions =
        topics_of(wanted_.extensions, [this](const auto& number) { return of_extension(number); });
    installation_.queues = topics_of(wanted_.queues, [this](const auto& number) { return of_queue(number); });
    return std::move(installation_);
  }

 private:
  RetainedTopic of_bridge(std::string_view event_type) const {
    return topics_.find(sample(installation_.pbx, event_type, Family::bridge, EntityKind::pbx, installation_.pbx, "{}"),
                        {"pbx", "family", "event_type", "entity", "entity_kind"});
  }
  RetainedTopic of_pbxbridge() const {
    return topics_.find(sample({}, "bridge_status", Family::bridge, EntityKind::none, {}, "{}"),
                        {"family", "event_type", "entity_kind"});
  }
  RetainedTopic of_extension(const std::string& number) const {
    return topics_.find(sample(installation_.pbx, "state_extension", Family::state, EntityKind::extension, number,
                               document("extension", number)),
                        {"pbx", "family", "event_type", "entity", "entity_kind", "extension"});
  }
  /// A queue's entity is its id, which nobody knows who writes a configuration.
  RetainedTopic of_queue(const std::string& number) const {
    return topics_.find(sample(installation_.pbx, "state_queue", Family::state, EntityKind::queue, {},
                               document("queue_number", number)),
                        {"pbx", "family", "event_type", "entity_kind", "queue_number"});
  }

  std::string required(const RetainedTopic& found) {
    if (!found.problem.empty()) report_.error(found.location, std::string(purpose) + found.problem);
    return found.topic;
  }

  /// A problem of one is a problem of all, and is reported once.
  template <class Find>
  std::map<std::string, std::string> topics_of(const std::vector<Located<std::string>>& numbers, Find find) {
    std::map<std::string, std::string> topics;
    std::map<std::string, std::string> numbers_by_topic;
    for (const auto& number : numbers) {
      const std::string topic = required(find(number.value));
      if (topic.empty()) break;
      const auto [other, is_first] = numbers_by_topic.emplace(topic, number.value);
      if (!is_first) {
        report_.error(number.location,
                      fmt::format("{}\"{}\" and \"{}\" have the same topic", purpose, other->second, number.value));
        break;
      }
      topics.emplace(number.value, topic);
    }
    return topics;
  }

  const HomeAssistantConfig& wanted_;
  const RetainedTopics& topics_;
  config::Report& report_;
  Installation installation_;
};

/// Returns whether there is exactly one PBX that is meant.
bool check_pbx(const config::Config& config, const HomeAssistantConfig& wanted, config::Report& report) {
  std::vector<std::string_view> names;
  for (const auto& pbx : config.pbx) names.emplace_back(pbx.name);
  const std::string& name = wanted.pbx.value;
  if (name.empty() ? names.size() == 1 : std::ranges::find(names, name) != names.end()) return true;
  if (name.empty())
    report.error(wanted.location, std::string(purpose) + "there are several PBXs; say with pbx whose devices they are");
  else
    report.error(wanted.pbx.location, fmt::format("there is no PBX \"{}\"{}", name, config::suggestion(name, names)));
  return false;
}

}  // namespace

void add_home_assistant_route(config::Config& config, std::span<const SinkType> types, config::Report& report) {
  if (!config.home_assistant) return;
  const Located<std::string>& name = config.home_assistant->sink;
  const auto sink = config.sinks.find(name.value);
  const SinkType* const type = sink == config.sinks.end() ? nullptr : find_sink_type(types, sink->second.type);
  if (type != nullptr && !can_retain(*type))
    return report.error(
        name.location, fmt::format("{}sink \"{}\" is of type {}, and Home Assistant reads retained messages, of a sink "
                                   "of type mqtt",
                                   purpose, name.value, type->name));
  config.routes.push_back(config::home_assistant_route(*config.home_assistant));
}

void add_home_assistant_removals(Configuration& configuration, const std::set<std::string>& sinks) {
  config::Config& config = configuration.config;
  config::MatchCondition elsewhere{std::string(config::home_assistant_sink_field), {}, {}};
  for (const std::string& name : sinks) {
    const auto sink = config.sinks.find(name);
    if (sink == config.sinks.end() || (config.home_assistant && config.home_assistant->sink.value == name)) continue;
    if (const auto* const type = find_sink_type(configuration.sink_types, sink->second.type); type && can_retain(*type))
      elsewhere.patterns.push_back(name);
  }
  configuration.device_sinks = {elsewhere.patterns.begin(), elsewhere.patterns.end()};
  if (config.home_assistant) configuration.device_sinks.insert(config.home_assistant->sink.value);
  if (elsewhere.patterns.empty()) return;
  if (config.home_assistant) config.routes.back().match.none_of.push_back(elsewhere);  // its own route
  for (const std::string& name : elsewhere.patterns)
    config.routes.push_back(config::home_assistant_removal_route(name));
  config::Report no_news;
  configuration.router = route::Router::compile(config, configuration.sink_types, no_news);
}

std::optional<Installation> home_assistant_installation(const config::Config& config, const route::Router& router,
                                                        std::span<const SinkType> types, config::Report& report) {
  if (!config.home_assistant) return std::nullopt;
  const HomeAssistantConfig& wanted = *config.home_assistant;
  if (!check_pbx(config, wanted, report)) return std::nullopt;
  const RetainedTopics topics(config, router, types, wanted.sink);
  Installation installation = InstallationFinder(config, wanted, topics, report).find();
  const config::SinkConfig& sink = config.sinks.at(wanted.sink.value);
  if (const SinkType* const type = find_sink_type(types, sink.type); type->describe != nullptr)
    if (const auto own = type->describe(*sink.settings, wanted.sink.value).own_topics; !own.empty())
      installation.status_topic = own.front().topic;
  return installation;
}

}  // namespace pbxbridge::app
