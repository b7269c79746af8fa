#include "route/named_topics.hpp"

#include "config/config.hpp"
#include "route/possible_events.hpp"
#include "route/template.hpp"
#include "route/topic_rules.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace pbxbridge::route {

namespace {

/// Stands in for what only an event has.
constexpr std::string_view example_value = "pbxbridge-check";

/// The fields of an event of which no more is known than its kind.
class KindFields {
 public:
  explicit KindFields(const PossibleEvent& event) : event_(event) {}

  std::optional<std::string_view> find(const Field& field) {
    if (const auto* const attribute = std::get_if<Attribute>(&field)) {
      if (*attribute == Attribute::pbx) return event_.pbx->name;
      if (*attribute == Attribute::family) return to_string(event_.type ? event_.type->family : Family::unknown);
      if (*attribute == Attribute::event_type && event_.type) return event_.type->name;
    }
    is_example_ = true;
    return example_value;
  }
  /// Returns whether a value had to be made up.
  bool is_example() const { return is_example_; }

 private:
  const PossibleEvent& event_;
  bool is_example_ = false;
};

class NamedTopics {
 public:
  explicit NamedTopics(const TopicRules& rules) : rules_(rules) {}

  void add(const config::DestinationConfig& destination, const std::vector<PossibleEvent>& events) {
    const auto topic = Template::parse(destination.topic.value);
    if (!topic || destination.topic.value.empty()) return;
    for (const PossibleEvent& event : events) add(*topic, destination.topic.value, event);
    if (topic->is_fixed()) return;
    const std::string& fallback = destination.fallback_topic.value;
    add({fallback.empty() ? std::string(rules_.fallback_topic) : fallback, ExaminedTopic::Kind::unlikely, {}});
  }

  std::vector<ExaminedTopic> take() { return std::move(topics_); }

 private:
  void add(const Template& topic, const std::string& written, const PossibleEvent& event) {
    KindFields fields(event);
    std::string name;
    const auto append = [this](std::string_view value, std::string& out) { append_value(rules_, value, out); };
    if (!topic.render(fields, append, name) || name.empty()) return;
    if (topic.is_fixed()) return add({std::move(name), ExaminedTopic::Kind::named, {}});
    finish_topic(rules_, name);
    if (fields.is_example()) return add({std::move(name), ExaminedTopic::Kind::example, written});
    add({std::move(name), event.type ? ExaminedTopic::Kind::named : ExaminedTopic::Kind::unlikely, {}});
  }

  /// Keeps the likelier of two ways to a topic.
  void add(ExaminedTopic topic) {
    const auto found = std::ranges::find(topics_, topic.name, &ExaminedTopic::name);
    if (found == topics_.end())
      topics_.push_back(std::move(topic));
    else if (topic.kind < found->kind)
      *found = std::move(topic);
  }

  const TopicRules& rules_;
  std::vector<ExaminedTopic> topics_;
};

}  // namespace

std::vector<ExaminedTopic> named_topics(const config::Config& config, std::span<const SinkType> types,
                                        const std::string& sink) {
  const SinkType* const type = find_sink_type(types, config.sinks.at(sink).type);
  if (!type->topics) return {};
  NamedTopics topics(*type->topics);
  const std::vector<PossibleEvent> events = possible_events(config);
  for (const auto& route : config.routes) {
    std::vector<PossibleEvent> of_route;
    std::ranges::copy_if(events, std::back_inserter(of_route),
                         [&](const PossibleEvent& event) { return taken(route.match, event) != Taken::never; });
    for (const auto& destination : route.to)
      if (destination.sink.value == sink) topics.add(destination, of_route);
  }
  for (const auto& [name, other] : config.sinks)
    if (other.dead_letters_to && other.dead_letters_to->sink.value == sink) topics.add(*other.dead_letters_to, events);
  return topics.take();
}

}  // namespace pbxbridge::route
