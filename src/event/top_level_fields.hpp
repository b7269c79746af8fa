#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::event {

/// The fields of an event's top-level object. Keeps its buffers.
class TopLevelFields {
 public:
  void read(simdjson::dom::object object);
  void clear() { fields_.clear(); }

  /// The first of that name: it is the one that simdjson's lookup finds too, and so what a route sees; and a repetition
  /// that an attacker managed to append cannot redirect an event.
  std::optional<simdjson::dom::element> find(std::string_view name) const;

  bool has_repeated_name();

 private:
  std::vector<std::pair<std::string_view, simdjson::dom::element>> fields_;
  std::vector<std::uint64_t> name_hashes_;
};

}  // namespace pbxbridge::event
