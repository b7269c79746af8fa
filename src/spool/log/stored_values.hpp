#pragma once

// The numbers that enumerators have on the disk. They never change and are never given again: an enumerator may move or
// get another name in memory, and a new one gets the next number here. The compiler asks for it.

#include "pbxbridge/event_kinds.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace pbxbridge::spool {

/// No enumerator has it.
inline constexpr std::uint8_t not_stored = 0xff;

constexpr std::uint8_t stored(Family family) {
  switch (family) {
    case Family::extension_management:
      return 0;
    case Family::extension:
      return 1;
    case Family::cdr:
      return 2;
    case Family::queue_management:
      return 3;
    case Family::queue:
      return 4;
    case Family::trunk:
      return 5;
    case Family::unknown:
      return 6;
    case Family::bridge:
      return 7;
    case Family::state:
      return 8;
  }
  return not_stored;
}

constexpr std::uint8_t stored(EntityKind kind) {
  switch (kind) {
    case EntityKind::none:
      return 0;
    case EntityKind::extension:
      return 1;
    case EntityKind::queue:
      return 2;
    case EntityKind::session:
      return 3;
    case EntityKind::trunk:
      return 4;
    case EntityKind::pbx:
      return 5;
    case EntityKind::agent:
      return 6;
  }
  return not_stored;
}

constexpr std::uint8_t stored(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::json_object:
      return 0;
    case PayloadKind::json_other:
      return 1;
    case PayloadKind::not_json:
      return 2;
  }
  return not_stored;
}

/// Returns the values by stored number. Does not compile where two enumerators have the same.
template <class Enum>
consteval std::array<std::optional<Enum>, 256> enumerators_by_stored_number() {
  std::array<std::optional<Enum>, 256> enumerators{};
  for (unsigned ordinal = 0; ordinal < enumerators.size(); ++ordinal) {
    const auto enumerator = static_cast<Enum>(ordinal);
    const std::uint8_t number = stored(enumerator);
    if (number == not_stored) continue;
    if (enumerators[number]) throw "two enumerators have this number";
    enumerators[number] = enumerator;
  }
  return enumerators;
}

/// Returns nothing where no enumerator has that number.
template <class Enum>
constexpr std::optional<Enum> from_stored(std::uint8_t number) {
  constexpr auto enumerators = enumerators_by_stored_number<Enum>();
  return enumerators[number];
}

}  // namespace pbxbridge::spool
