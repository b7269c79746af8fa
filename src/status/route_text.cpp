#include "status/route_text.hpp"

#include "text/log_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace pbxbridge::status {

namespace {

/// Fields whose values name a kind of event and nobody's number.
constexpr std::array<std::string_view, 4> kinds = {"pbx", "family", "event_type", "entity_kind"};
constexpr std::size_t longest_text = 300;

std::string condition_text(const config::MatchCondition& condition) {
  if (std::ranges::find(kinds, condition.field) != kinds.end())
    return fmt::format("{}: {}", condition.field, fmt::join(condition.patterns, ", "));
  const std::size_t count = condition.patterns.size();
  return fmt::format("{}: {} value{}", condition.field, count, count == 1 ? "" : "s");
}

}  // namespace

std::string match_text(const config::MatchConfig& match) {
  std::vector<std::string> parts;
  for (const auto& condition : match.conditions) parts.push_back(condition_text(condition));
  std::vector<std::string> excluded;
  for (const auto& condition : match.none_of) excluded.push_back(condition_text(condition));
  if (!excluded.empty()) parts.push_back(fmt::format("not {}", fmt::join(excluded, " and ")));
  return parts.empty() ? "every event" : text::log_text(fmt::format("{}", fmt::join(parts, "; ")), longest_text);
}

}  // namespace pbxbridge::status
