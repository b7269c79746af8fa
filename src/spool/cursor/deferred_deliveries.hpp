#pragma once

#include "pbxbridge/event_id.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

/// An event may go to several topics of one sink, of which one is missing.
struct DeferredDelivery {
  Sequence event;
  std::uint64_t destination = 0;  ///< hash of topic and key

  bool operator==(const DeferredDelivery&) const = default;
};

/// A sink is done with all events up to `passed` but these deliveries: it tries them again, and others pass them
/// meanwhile.
struct DeferredDeliveries {
  Sequence passed;                           ///< 0: nothing is passed
  std::vector<DeferredDelivery> deliveries;  ///< oldest event first, none after `passed`

  /// Up to where everything is done with for a sink that is done with everything up to `position`.
  Sequence done_from(Sequence position) const;
  /// Returns how many events of these are after `position`.
  std::uint64_t after(Sequence position) const;
  /// Returns whether the sink is done with the whole event.
  bool is_done(Sequence event) const;
  bool holds(const DeferredDelivery& delivery) const;
  /// Adds what `older` has beyond the reach of this.
  void extend(const DeferredDeliveries& older);

  bool operator==(const DeferredDeliveries&) const = default;
};
/// Keys are sinks.
using DeferredBySink = std::map<std::string, DeferredDeliveries>;

// u64 passed, then u64 event and u64 destination for each delivery; little-endian.
std::string encode_deferred(const DeferredDeliveries& deferred);
/// Returns nothing where the bytes are damaged.
std::optional<DeferredDeliveries> decode_deferred(std::string_view bytes);

}  // namespace pbxbridge::spool
