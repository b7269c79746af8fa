#include "tap/filter.hpp"

#include "config/route_config.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::tap {

namespace {

Error rejection(std::string text) { return {ErrorCategory::rejected, std::move(text)}; }

/// Patterns of one field in one condition, for they are alternatives.
config::MatchConfig match_config(const std::vector<FieldPattern>& fields) {
  config::MatchConfig config;
  for (const auto& [field, pattern] : fields) {
    auto found = std::ranges::find(config.conditions, field, &config::MatchCondition::field);
    if (found == config.conditions.end())
      config.conditions.push_back({field, {pattern}, {}});
    else
      found->patterns.push_back(pattern);
  }
  return config;
}

bool holds(const auto& all, const auto& one) { return all.empty() || std::ranges::find(all, one) != all.end(); }

}  // namespace

Result<Filter> Filter::compile(const TapRequest& request, const KnownNames& names, std::vector<std::string>& warnings) {
  for (const std::string& sink : request.sinks)
    if (std::ranges::find(names.sinks, sink) == names.sinks.end())
      return rejection(fmt::format("there is no sink \"{}\"{}", sink, config::suggestion(sink, names.sinks)));
  for (const std::size_t route : request.routes)
    if (route == 0 || route > names.routes)
      return rejection(fmt::format("there is no route {}; they count from 1 to {}", route, names.routes));
  Filter filter;
  config::Report report;
  filter.match_ = route::Match::compile(match_config(request.fields), names.pbxs, report);
  for (const config::Problem& problem : report.problems()) {
    if (!problem.warning) return rejection(problem.text);
    warnings.push_back(problem.text);
  }
  filter.sinks_ = request.sinks;
  filter.routes_ = request.routes;
  return filter;
}

bool Filter::takes(ExaminedEvent& event) const {
  if (!match_.takes(event.fields())) return false;
  return takes_all_destinations() ||
         std::ranges::any_of(event.destinations(), [this](const Destination& each) { return takes(each); });
}

bool Filter::takes(const Destination& destination) const {
  return holds(sinks_, destination.sink) && holds(routes_, destination.route);
}

}  // namespace pbxbridge::tap
