#pragma once

// One table gives the values of an enum their names, for YAML, metrics, logs and documentation alike. It stands next to
// the enum, outside of its namespace:
//
//     template <>
//     inline constexpr pbxbridge::EnumName<pbxbridge::sink::Fsync> pbxbridge::enum_names<pbxbridge::sink::Fsync>[] = {
//         {sink::Fsync::always, "always"}, {sink::Fsync::none, "none"}};

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace pbxbridge {

template <class E>
using EnumName = std::pair<E, std::string_view>;

/// The table of an enum that has one.
template <class E>
inline constexpr auto enum_names = nullptr;

template <class E>
concept NamedEnum = requires {
  std::size(enum_names<E>);
};

/// Number of values, for arrays with one element for each.
template <NamedEnum E>
inline constexpr std::size_t enum_count = [] {
  for (std::size_t i = 0; i < std::size(enum_names<E>); ++i)
    if (static_cast<std::size_t>(enum_names<E>[i].first) != i) throw "the table is not in the order of the values";
  return std::size(enum_names<E>);
}();

/// "unknown" for what is no value of the enum.
template <NamedEnum E>
constexpr std::string_view to_string(E wanted) {
  for (const auto& [value, name] : enum_names<E>)
    if (value == wanted) return name;
  return "unknown";
}

template <NamedEnum E>
constexpr std::optional<E> enum_from_string(std::string_view wanted) {
  for (const auto& [value, name] : enum_names<E>)
    if (name == wanted) return value;
  return std::nullopt;
}

}  // namespace pbxbridge
