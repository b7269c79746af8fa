#pragma once

// Closed lists by which events are told apart.

#include "pbxbridge/enum_names.hpp"

#include <cstdint>

namespace pbxbridge {

/// The topic family an event belongs to, known from its `event_type` alone: a PBX does not say by which topic it came.
/// No push of a PBX is of the families `bridge` and `state`: see `is_own`.
enum class Family : std::uint8_t {
  extension_management,
  extension,
  cdr,
  queue_management,
  queue,
  trunk,
  bridge,
  state,
  unknown
};

template <>
inline constexpr EnumName<Family> enum_names<Family>[] = {
    {Family::extension_management, "extension_management"},
    {Family::extension, "extension"},
    {Family::cdr, "cdr"},
    {Family::queue_management, "queue_management"},
    {Family::queue, "queue"},
    {Family::trunk, "trunk"},
    {Family::bridge, "bridge"},
    {Family::state, "state"},
    {Family::unknown, "unknown"},
};

/// Returns whether pbxbridge makes the events of this family, rather than a PBX.
constexpr bool is_own(Family family) { return family == Family::bridge || family == Family::state; }

/// Subject of the event. An agent is an extension in a queue: `QUEUE.EXTENSION`.
enum class EntityKind : std::uint8_t { none, extension, queue, session, trunk, pbx, agent };

template <>
inline constexpr EnumName<EntityKind> enum_names<EntityKind>[] = {
    {EntityKind::none, "none"},       {EntityKind::extension, "extension"}, {EntityKind::queue, "queue"},
    {EntityKind::session, "session"}, {EntityKind::trunk, "trunk"},         {EntityKind::pbx, "pbx"},
    {EntityKind::agent, "agent"},
};

/// Form of the payload bytes. All of them are events and flow on.
enum class PayloadKind : std::uint8_t { json_object, json_other, not_json };

}  // namespace pbxbridge
