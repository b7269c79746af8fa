#include "route/coverage.hpp"

#include "event/payload_fields.hpp"
#include "route/field.hpp"
#include "route/possible_events.hpp"
#include "route/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::route {

namespace {

using config::Location;

/// The first few of many names, and how many more there are.
std::string some_of(const std::vector<std::string_view>& names) {
  constexpr std::size_t most = 4;
  if (names.size() <= most) return fmt::format("{}", fmt::join(names, ", "));
  const std::vector<std::string_view> first(names.begin(), names.begin() + most);
  return fmt::format("{} and {} more", fmt::join(first, ", "), names.size() - most);
}

/// The families of which some event type has that field, in the order of their declaration.
std::vector<std::string_view> families_with(std::string_view field) {
  std::vector<std::string_view> families;
  for (const auto& types : {event::event_types(), event::own_event_types()})
    for (const auto& type : types) {
      const auto fields = event::payload_fields(type.name);
      const auto family = to_string(type.family);
      if (std::ranges::find(fields, field) == fields.end()) continue;
      if (std::ranges::find(families, family) == families.end()) families.push_back(family);
    }
  return families;
}

/// `; events of family cdr have it`, or what was probably meant.
std::string where_it_is(std::string_view field) {
  const auto families = families_with(field);
  if (!families.empty())
    return fmt::format("; events of famil{} {} have it", families.size() == 1 ? "y" : "ies", fmt::join(families, ", "));
  std::set<std::string_view> names;
  for (const auto& type : event::event_types())
    for (const auto name : event::payload_fields(type.name)) names.insert(name);
  const std::string meant = config::suggestion(field, {names.begin(), names.end()});
  return meant.empty() ? ", and no other that is known" : meant;
}

class CoverageCheck {
 public:
  CoverageCheck(const config::Config& config, config::Report& report)
      : config_(config), report_(report), events_(possible_events(config)) {}

  void run() {
    for (const auto& route : config_.routes) check_route(route);
    for (const auto& pbx : config_.pbx)
      for (const auto& subscription : pbx.subscribe) check_subscription(pbx, subscription);
  }

 private:
  bool is_reported(Location location) const {
    return std::ranges::any_of(report_.problems(), [&](const config::Problem& problem) {
      return problem.location.line == location.line && problem.location.column == location.column;
    });
  }

  void check_route(const config::RouteConfig& route) {
    const bool takes_any = std::ranges::any_of(
        events_, [&](const PossibleEvent& event) { return taken(route.match, event) != Taken::never; });
    const auto has_problem = [&](const config::MatchCondition& condition) { return is_reported(condition.location); };
    if (!takes_any && std::ranges::any_of(route.match.conditions, has_problem)) return;
    if (!takes_any) return report_.warning(route.location, why_never(route));
    for (const auto& destination : route.to) {
      check_template(route, destination.topic, "topic");
      check_template(route, destination.key, "key");
    }
  }

  /// Looks for the one condition without which there would be events, or for the subscription that is missing.
  std::string why_never(const config::RouteConfig& route) const {
    const std::string never = "no event can match this route: ";
    std::set<std::string_view> families;
    for (const auto& pbx : config_.pbx)
      for (const auto& type : event::event_types())
        if (taken(route.match, {&pbx, &type}) != Taken::never) families.insert(to_string(type.family));
    if (!families.empty())
      return never + fmt::format("no PBX of it subscribes to events of famil{} {}", families.size() == 1 ? "y" : "ies",
                                 fmt::join(families, ", "));
    for (std::size_t i = 0; i < route.match.conditions.size(); ++i) {
      config::MatchConfig rest = route.match;
      rest.conditions.erase(rest.conditions.begin() + static_cast<std::ptrdiff_t>(i));
      const auto& condition = route.match.conditions[i];
      const bool decides =
          std::ranges::any_of(events_, [&](const PossibleEvent& event) { return taken(rest, event) != Taken::never; });
      if (!decides || route.match.conditions.size() == 1) continue;
      return never + fmt::format("its \"{}\" and the rest of \"match\" exclude each other", condition.field);
    }
    return never + "its conditions exclude each other";
  }

  void check_template(const config::RouteConfig& route, const config::Located<std::string>& written,
                      std::string_view what) {
    const auto parsed = Template::parse(written.value);
    if (!parsed || is_reported(written.location)) return;
    for (const auto name : parsed->placeholder_names()) {
      const auto field = field_from_string(name);
      if (!field || !std::holds_alternative<PayloadPath>(*field)) continue;
      const auto& top = std::get<PayloadPath>(*field).front();
      if (may_be_there(route, top)) continue;
      report_.warning(written.location,
                      fmt::format("{}: no event that this route takes has \"{{{}}}\"{}", what, name, where_it_is(top)));
    }
  }

  /// Unknown types do not count, for they could have any field, and then no slip of the pen would be found.
  bool may_be_there(const config::RouteConfig& route, std::string_view field) const {
    bool takes_known = false;
    for (const auto& event : events_) {
      if (!event.type || taken(route.match, event) == Taken::never) continue;
      takes_known = true;
      const auto fields = event::payload_fields(event.type->name);
      if (event.pbx->dialect != config::Dialect::v22 || fields.empty()) return true;
      if (std::ranges::find(fields, field) != fields.end()) return true;
    }
    return !takes_known;
  }

  void check_subscription(const config::PbxConfig& pbx, const config::SubscribeConfig& subscription) {
    const auto types = types_of(subscription, pbx.dialect);
    if (!types) return;
    const auto is_taken = [&](const event::EventType& type) {
      return std::ranges::any_of(config_.routes, [&](const config::RouteConfig& route) {
        return taken(route.match, {&pbx, &type}) != Taken::never;
      });
    };
    const bool has_state = std::ranges::any_of(event::own_event_types(), [&](const event::EventType& type) {
      return type.family == Family::state && is_taken(type);
    });
    // A topic is subscribed to as a whole: for state it may be worth its other events.
    if (has_state &&
        std::ranges::any_of(*types, [](const auto* type) { return !event::documents_fed_by(*type).empty(); }))
      return;
    std::vector<std::string_view> untaken;
    for (const auto* type : *types)
      if (!is_taken(*type)) untaken.push_back(type->name);
    if (untaken.empty()) return;
    report_.warning(subscription.location,
                    fmt::format("{} brings events that no route takes, they go nowhere: {}", subscription.topic,
                                untaken.size() == types->size() ? "all of them" : some_of(untaken)));
  }

  const config::Config& config_;
  config::Report& report_;
  const std::vector<PossibleEvent> events_;
};

}  // namespace

void check_coverage(const config::Config& config, config::Report& report) {
  if (config.routes.empty() || config.pbx.empty()) return;
  CoverageCheck(config, report).run();
}

}  // namespace pbxbridge::route
