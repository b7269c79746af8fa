#pragma once

#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/sink_type.hpp"

#include <map>
#include <set>
#include <span>
#include <string_view>

namespace pbxbridge::config {

/// Tells which values of a configuration are passwords or the like, as the fields' declarations say; in a map with keys
/// of any name, by these.
class SecretFields {
 public:
  explicit SecretFields(std::span<const SinkType> sink_types);

  /// `map`: key of the map that `key` stands in; empty at the top.
  bool contains(std::string_view map, std::string_view key) const;
  /// Names of the fields that are secrets themselves; they live as long as the process.
  const std::set<std::string_view>& names() const { return names_; }

 private:
  void gather(const SchemaBase& schema);

  std::set<std::string_view> names_;
  std::multimap<std::string_view, bool (*)(std::string_view key)> rules_of_maps_;  ///< by the map's key
};

}  // namespace pbxbridge::config
