#include "explain/explanation.hpp"

#include "event/event_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::explain {

namespace {

/// Id that the first start of a spool would give.
constexpr SpoolId example_spool{1};
constexpr std::uint32_t first_epoch = 1;

}  // namespace

bool Explanation::is_routed() const {
  return std::ranges::any_of(routes, [](const RouteOutcome& route) { return route.unmet.empty(); });
}

Explanation Explainer::explain(std::string_view payload, const config::PbxConfig& pbx, SystemTime received_at) {
  Explanation explanation{.pbx = pbx.name, .not_an_event = why_no_event(payload, pbx)};
  if (!explanation.not_an_event.empty()) return explanation;
  auto classified = classifier_.classify(payload, pbx.name, received_at, first_epoch);
  classified.event->accept(Sequence{Sequence::first_of(first_epoch).value + events_++}, example_spool);
  explanation.untidiness = classified.untidiness;
  for (auto& trace : router_.trace(*classified.event, scratch_)) {
    RouteOutcome outcome{trace.location, std::move(trace.unmet), {}};
    for (auto& [sink, routed] : trace.destinations)
      outcome.messages.push_back(compose(classified.event, sink, std::move(routed)));
    explanation.routes.push_back(std::move(outcome));
  }
  explanation.event = std::move(classified.event);
  explanation.feeds = documents_fed_by(*explanation.event);
  return explanation;
}

std::vector<std::string_view> Explainer::documents_fed_by(const Event& event) const {
  std::vector<std::string_view> types;
  for (const auto type : event::documents_fed_by(
           {.name = event.event_type(), .family = event.family(), .entity_kind = event.entity_kind()}))
    if (router_.may_take_own(type)) types.push_back(type);
  return types;
}

std::string Explainer::why_no_event(std::string_view payload, const config::PbxConfig& pbx) {
  if (payload.size() > pbx.max_frame_size.bytes)
    return fmt::format("it has {} bytes, and max_frame_size of PBX {} is {}: it is dropped and counted", payload.size(),
                       pbx.name, pbx.max_frame_size.bytes);
  const auto answer = pbx::make_dialect(pbx.dialect)->answer(payload);
  if (!answer) return {};
  return fmt::format("it is an answer of the PBX{}, with {}",
                     answer->to ? fmt::format(" to {}", to_string(*answer->to)) : "", answer->words());
}

Message Explainer::compose(const EventPtr& event, const std::string& sink, route::Routed routed) const {
  const config::SinkConfig& configured = config_.sinks.at(sink);
  const SinkType* const type = find_sink_type(sink_types_, configured.type);
  Message message{sink, type->name, std::move(routed), {}};
  const Delivery delivery{.token = 1,
                          .event = event,
                          .topic = message.routed.topic,
                          .key = message.routed.key,
                          .options = message.routed.options};
  if (type->compose != nullptr) message.composed = type->compose(*configured.settings, delivery);
  return message;
}

}  // namespace pbxbridge::explain
