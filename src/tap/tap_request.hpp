#pragma once

#include "pbxbridge/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::tap {

/// A field of an event and a pattern for it, named and written as in the `match` of a route.
struct FieldPattern {
  std::string field;
  std::string pattern;
};

/// A request to see events. Patterns of the same field are alternatives, and so are sinks and routes.
struct TapRequest {
  std::vector<FieldPattern> fields;
  std::vector<std::string> sinks;
  std::vector<std::size_t> routes;  ///< counted from 1, as they stand in the configuration
  bool clear = false;               ///< numbers, topics, keys and payloads as they are
  std::uint32_t rate = 20;          ///< events a second at the most

  static constexpr std::uint32_t highest_rate = 1000;
};

/// The command on the control socket: `tap {...}`.
std::string to_line(const TapRequest& request);

/// Returns nothing where the line is another command; an error where it is this one and cannot be read.
std::optional<Result<TapRequest>> parse_tap_request(std::string_view line);

}  // namespace pbxbridge::tap
