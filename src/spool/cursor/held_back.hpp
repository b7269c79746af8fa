#pragma once

#include "pbxbridge/event.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

/// An event may go to several topics of one sink, of which one is missing.
struct HeldDelivery {
  Sequence event;
  std::uint64_t destination = 0;  ///< hash of topic and key

  bool operator==(const HeldDelivery&) const = default;
};

/// A sink is done with all events up to `passed` but these deliveries: it tries them again, and others pass them
/// meanwhile.
struct HeldBack {
  Sequence passed;                       ///< 0: nothing is passed
  std::vector<HeldDelivery> deliveries;  ///< oldest event first, none behind `passed`

  /// Up to where everything is done with for a sink that is done with everything up to `position`.
  Sequence done_from(Sequence position) const;
  /// How many events of these are behind `position`.
  std::uint64_t behind(Sequence position) const;
  /// Returns whether the sink is done with the whole event.
  bool is_done(Sequence event) const;
  bool holds(const HeldDelivery& delivery) const;
  /// Adds what `older` has beyond the reach of this.
  void extend(const HeldBack& older);

  bool operator==(const HeldBack&) const = default;
};
/// By sink.
using HeldBackBySink = std::map<std::string, HeldBack>;

// u64 passed, then u64 event and u64 destination for each delivery; little-endian.
std::string encode_held_back(const HeldBack& held_back);
/// Nothing where the bytes are damaged.
std::optional<HeldBack> decode_held_back(std::string_view bytes);

}  // namespace pbxbridge::spool
