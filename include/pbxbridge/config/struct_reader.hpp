#pragma once

// Reading a struct with `schema()` as the member of another; a member `Location location` gets its place. Included by
// schema.hpp.

#include "pbxbridge/config/schema.hpp"

#include <concepts>

namespace pbxbridge::config {

template <class T>
concept HasSchema = requires {
  { T::schema() } -> std::same_as<const Schema<T>&>;
};

template <HasSchema T>
struct Reader<T> {
  static TypeDescription describe() { return {TypeDescription::Kind::object, {}, &schema_of<T>}; }
  static void read(const Node& node, T& value, const FieldContext& reading) {
    if constexpr (requires { value.location = Location{}; }) value.location = node.location();
    T::schema().read(node, value, reading.report);
  }
  /// Writes only what differs from the struct's own defaults, which its own table shows.
  static std::string to_yaml(const T& value) { return T::schema().to_yaml(value); }
};

}  // namespace pbxbridge::config
