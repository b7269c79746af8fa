#pragma once

#include "config/route_config.hpp"
#include "pbxbridge/event_kinds.hpp"
#include "route/event_fields.hpp"
#include "route/field.hpp"
#include "route/glob.hpp"
#include "route/unmet_condition.hpp"

#include <bitset>
#include <string_view>
#include <vector>

namespace pbxbridge::route {

/// One field and the patterns of which it must meet one. A field that is not there meets the empty pattern only, so
/// `tenant: ""` takes events without a tenant and `tenant: "*"` those with one.
struct Condition {
  Field field;
  std::vector<Glob> patterns;
  config::MatchCondition written;  ///< as the configuration has it

  bool is_met(EventFields& fields) const;
};

using Families = std::bitset<enum_count<Family>>;

/// Families of pbxbridge's own events that a route may take: a pattern of its `family` or `event_type` begins with the
/// family's name. A wildcard alone names none, so that `match: {}` takes what the PBX pushes, and nothing else.
Families own_families_named(const config::MatchConfig& match);

/// The compiled `match` of a route.
class Match {
 public:
  /// Warns of values that no event can have; a family that does not exist is an error.
  static Match compile(const config::MatchConfig& config, const std::vector<std::string_view>& pbx_names,
                       config::Report& report);

  /// Returns whether the event meets all conditions and not all of those under `not`.
  bool takes(EventFields& fields) const;
  /// Empty where it takes the event.
  std::vector<UnmetCondition> unmet(EventFields& fields) const;

 private:
  /// False for events of pbxbridge's own that the route does not name.
  bool may_take(Family family) const;
  /// Returns whether it is a push under the name of an event of pbxbridge's own that the route names.
  bool is_forged(const EventFields& fields) const;

  std::vector<Condition> conditions_;
  std::vector<Condition> none_of_;
  Families own_families_;
};

}  // namespace pbxbridge::route
