#include "app/retained_topics.hpp"

#include "route/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <variant>
#include <vector>

namespace pbxbridge::app {

namespace {

bool is_retained(const ComposedMessage& message) {
  const auto found = std::ranges::find(message.properties, "retain",
                                       [](const auto& property) { return std::string_view(property.first); });
  return found != message.properties.end() && std::get<bool>(found->second);
}

}  // namespace

RetainedTopic RetainedTopics::find(const EventPtr& sample, const std::set<std::string_view>& known) const {
  RetainedTopic first_wrong{
      .topic = {},
      .problem = fmt::format("no route sends {} to sink \"{}\"", sample->event_type(), sink_.value),
      .location = sink_.location};
  bool is_wrong = false;
  route::Router::Scratch scratch;
  const auto traces = router_.trace(*sample, scratch);
  for (std::size_t i = 0; i < traces.size(); ++i)
    for (std::size_t k = 0; k < traces[i].destinations.size(); ++k) {
      if (traces[i].destinations[k].first != sink_.value) continue;
      RetainedTopic found = judge(sample, known, config_.routes[i].to[k], traces[i].destinations[k].second);
      if (found.problem.empty()) return found;
      if (!is_wrong) first_wrong = std::move(found);
      is_wrong = true;
    }
  return first_wrong;
}

RetainedTopic RetainedTopics::judge(const EventPtr& sample, const std::set<std::string_view>& known,
                                    const config::DestinationConfig& destination, const route::Routed& routed) const {
  const auto wrong = [&](config::Location location, std::string problem) {
    return RetainedTopic{.topic = {}, .problem = std::move(problem), .location = location};
  };
  const auto topic = route::Template::parse(destination.topic.value).value();
  for (const std::string_view name : topic.placeholder_names())
    if (!known.contains(name))
      return wrong(destination.topic.location,
                   fmt::format("\"{{{}}}\" is not known before there are events; for {} the topic can hold {{{}}}",
                               name, sample->event_type(), fmt::join(known, "}, {")));
  const config::SinkConfig& sink = config_.sinks.at(sink_.value);
  const ComposedMessage message =
      find_sink_type(types_, sink.type)
          ->compose(*sink.settings,
                    {.token = 1, .event = sample, .topic = routed.topic, .key = routed.key, .options = routed.options});
  if (!is_retained(message))
    return wrong(destination.sink.location,
                 fmt::format("{} is not retained here; add retain: true", sample->event_type()));
  if (message.payload != sample->payload())
    return wrong(destination.sink.location,
                 fmt::format("{} is inside of an envelope here; add format: raw", sample->event_type()));
  return {.topic = routed.topic, .problem = {}, .location = {}};
}

}  // namespace pbxbridge::app
