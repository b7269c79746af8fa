#pragma once

#include "pbxbridge/event.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

/// Of the events up to `passed` a sink is done with all but these: it tries them again, and others pass them meanwhile.
struct HeldBack {
  Sequence passed;               ///< 0: nothing is passed
  std::vector<Sequence> events;  ///< oldest first, none behind `passed`

  /// Up to where everything is done with for a sink that is done with everything up to `position`.
  Sequence done_from(Sequence position) const;
  /// How many of them are behind `position`.
  std::size_t behind(Sequence position) const;
  /// Whether the sink is done with it.
  bool is_done(Sequence event) const;

  bool operator==(const HeldBack&) const = default;
};
/// By sink.
using HeldBackBySink = std::map<std::string, HeldBack>;

// u64 passed, then u64 for each event; little-endian.
std::string encode_held_back(const HeldBack& held_back);
/// Nothing where the bytes are damaged.
std::optional<HeldBack> decode_held_back(std::string_view bytes);

}  // namespace pbxbridge::spool
