#pragma once

#include "pbxbridge/enum_names.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pbxbridge::event {

/// Reason why a payload is untidy; it flows on all the same.
enum class Untidiness : std::uint8_t {
  not_json,
  not_utf8,
  not_an_object,
  no_event_type,
  unknown_event_type,
  repeated_key,
  huge_integer,
};

}  // namespace pbxbridge::event

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::event::Untidiness>
    pbxbridge::enum_names<pbxbridge::event::Untidiness>[] = {
        {event::Untidiness::not_json, "not_json"},
        {event::Untidiness::not_utf8, "not_utf8"},
        {event::Untidiness::not_an_object, "not_an_object"},
        {event::Untidiness::no_event_type, "no_event_type"},
        {event::Untidiness::unknown_event_type, "unknown_event_type"},
        {event::Untidiness::repeated_key, "repeated_key"},
        {event::Untidiness::huge_integer, "huge_integer"},
};

namespace pbxbridge::event {

/// Oddities that the classifier noticed in one event.
using UntidinessSet = std::bitset<enum_count<Untidiness>>;

/// Their names, in the order of the enumeration.
inline std::vector<std::string_view> names_of(const UntidinessSet& set) {
  std::vector<std::string_view> names;
  for (std::size_t kind = 0; kind < set.size(); ++kind)
    if (set.test(kind)) names.push_back(to_string(static_cast<Untidiness>(kind)));
  return names;
}

}  // namespace pbxbridge::event
