#pragma once

#include "config/config.hpp"
#include "event/event_types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::route {

/// A kind of event that a configuration can bring: of one type from one PBX.
struct PossibleEvent {
  const config::PbxConfig* pbx = nullptr;
  const event::EventType* type = nullptr;  ///< null: any type that is not known
};

/// The types that a subscription is documented to bring; those of `keys` with version 16. Nothing where the topic is
/// not a known one, so that it may bring anything.
std::optional<std::vector<const event::EventType*>> types_of(const config::SubscribeConfig& subscription,
                                                             config::Dialect dialect);

/// Kinds of events that a configuration can bring: what its PBXs can send, one unknown type for each of them among it,
/// and pbxbridge's own.
std::vector<PossibleEvent> possible_events(const config::Config& config);

/// Certainty that a route takes events of a kind.
enum class Taken : unsigned char { never, perhaps, always };

/// Decides by what is known of the kind: its PBX, family, type, and the names of its fields.
Taken taken(const config::MatchConfig& match, const PossibleEvent& event);

}  // namespace pbxbridge::route
