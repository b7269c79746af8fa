#include "route/match.hpp"

#include "event/event_types.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::route {

namespace {

std::vector<std::string_view> family_names() {
  std::vector<std::string_view> names;
  for (const auto& [family, name] : enum_names<Family>) names.push_back(name);
  return names;
}

std::vector<std::string_view> event_type_names() {
  std::vector<std::string_view> names;
  for (const auto& types : {event::event_types(), event::own_event_types()})
    for (const auto& type : types) names.push_back(type.name);
  return names;
}

bool matches_any(const Glob& glob, const std::vector<std::string_view>& texts) {
  return std::ranges::any_of(texts, [&](auto text) { return glob.matches(text); });
}

class ConditionCompiler {
 public:
  ConditionCompiler(const std::vector<std::string_view>& pbx_names, config::Report& report)
      : pbx_names_(pbx_names), report_(report) {}

  std::vector<Condition> compile(const std::vector<config::MatchCondition>& configured) {
    std::vector<Condition> conditions;
    for (const auto& condition : configured)
      if (auto compiled = compile(condition)) conditions.push_back(std::move(*compiled));
    // Attributes first: where they decide, the payload is not parsed.
    std::stable_partition(conditions.begin(), conditions.end(),
                          [](const auto& condition) { return std::holds_alternative<Attribute>(condition.field); });
    return conditions;
  }

 private:
  std::optional<Condition> compile(const config::MatchCondition& condition) {
    auto field = field_from_string(condition.field);
    if (!field) {
      report_.error(condition.location, "\"" + condition.field + "\" is not a name of a field");
      return std::nullopt;
    }
    if (const auto meant = attribute_meant_by(condition.field); !meant.empty())
      report_.warning(condition.location, "\"" + condition.field + "\" is looked up in the payload, did you mean \"" +
                                              std::string(meant) + "\"?");
    std::vector<Glob> patterns;
    for (const auto& pattern : condition.patterns) {
      check(*field, pattern, condition.location);
      patterns.emplace_back(pattern);
    }
    return Condition{std::move(*field), std::move(patterns), condition};
  }

  void check(const Field& field, const std::string& pattern, config::Location location) {
    const auto* const attribute = std::get_if<Attribute>(&field);
    if (!attribute) return;
    const Glob glob(pattern);
    if (*attribute == Attribute::family)
      check_family(glob, pattern, location);
    else if (*attribute == Attribute::event_type && glob.is_exact())
      check_event_type(pattern, location);
    else if (*attribute == Attribute::snapshot && !pattern.empty() && !glob.matches("true"))
      report_.warning(location, "\"snapshot\" is \"true\" or not there, which the pattern \"\" stands for");
    else if (*attribute == Attribute::pbx && !pbx_names_.empty() && !matches_any(glob, pbx_names_))
      report_.warning(location, "no PBX of this configuration is named \"" + pattern + "\"" +
                                    config::suggestion(pattern, pbx_names_));
  }

  void check_family(const Glob& glob, const std::string& pattern, config::Location location) {
    const auto names = family_names();
    if (matches_any(glob, names)) return;
    auto text = "there is no family \"" + pattern + "\"" + config::suggestion(pattern, names);
    if (config::did_you_mean(pattern, names).empty()) {
      text += "; the families are";
      for (const auto name : names) (text += name == names.front() ? " " : ", ") += name;
    }
    report_.error(location, std::move(text));
  }

  /// Types that nobody knows yet are events too, so that only a near miss is worth a word.
  void check_event_type(const std::string& pattern, config::Location location) {
    const auto names = event_type_names();
    if (std::ranges::find(names, pattern) != names.end() || config::did_you_mean(pattern, names).empty()) return;
    report_.warning(location,
                    "the event type \"" + pattern + "\" is not a known one" + config::suggestion(pattern, names));
  }

  const std::vector<std::string_view>& pbx_names_;
  config::Report& report_;
};

}  // namespace

bool Condition::is_met(EventFields& fields) const {
  const auto text = fields.find(field);
  return std::ranges::any_of(
      patterns, [&](const Glob& glob) { return text ? glob.matches(*text) : glob.is_exact() && glob.matches({}); });
}

Families own_families_named(const config::MatchConfig& match) {
  Families named;
  const auto note = [&named](const std::string& pattern) {
    for (const auto& [family, name] : enum_names<Family>)
      if (is_own(family) && pattern.starts_with(name)) named.set(static_cast<std::size_t>(family));
  };
  for (const auto& condition : match.conditions) {
    const auto field = field_from_string(condition.field);
    const auto* const attribute = field ? std::get_if<Attribute>(&*field) : nullptr;
    if (attribute && (*attribute == Attribute::family || *attribute == Attribute::event_type))
      std::ranges::for_each(condition.patterns, note);
  }
  return named;
}

Match Match::compile(const config::MatchConfig& config, const std::vector<std::string_view>& pbx_names,
                     config::Report& report) {
  ConditionCompiler compiler(pbx_names, report);
  Match match;
  match.conditions_ = compiler.compile(config.conditions);
  match.none_of_ = compiler.compile(config.none_of);
  match.own_families_ = own_families_named(config);
  return match;
}

bool Match::may_take(Family family) const {
  return !is_own(family) || own_families_.test(static_cast<std::size_t>(family));
}

bool Match::is_forged(const EventFields& fields) const {
  if (own_families_.none()) return false;
  const auto forged = fields.forged_family();
  return forged && own_families_.test(static_cast<std::size_t>(*forged));
}

bool Match::takes(EventFields& fields) const {
  if (!may_take(fields.family())) return false;
  const auto is_met = [&](const Condition& condition) { return condition.is_met(fields); };
  if (!std::ranges::all_of(conditions_, is_met) || is_forged(fields)) return false;
  return none_of_.empty() || !std::ranges::all_of(none_of_, is_met);
}

std::vector<UnmetCondition> Match::unmet(EventFields& fields) const {
  std::vector<UnmetCondition> unmet;
  if (!may_take(fields.family()) || is_forged(fields))
    return {{"family", {}, std::string(*fields.find(Attribute::family)), false, {}}};
  const auto add = [&](const Condition& condition, bool is_excluded) {
    const auto text = fields.find(condition.field);
    unmet.push_back({condition.written.field, condition.written.patterns,
                     text ? std::optional<std::string>(*text) : std::nullopt, is_excluded, condition.written.location});
  };
  for (const Condition& condition : conditions_)
    if (!condition.is_met(fields)) add(condition, false);
  if (!unmet.empty() || takes(fields)) return unmet;
  for (const Condition& condition : none_of_) add(condition, true);
  return unmet;
}

}  // namespace pbxbridge::route
