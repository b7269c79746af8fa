#pragma once

#include "observe/failure.hpp"
#include "pbxbridge/enum_names.hpp"
#include "pbxbridge/event_kinds.hpp"
#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace pbxbridge::deliver {

enum class SinkState : std::uint8_t {
  disconnected,
  connected,
  stuck,  ///< connected, and events are not acknowledged
  closed
};

/// An event that a sink has rejected for good, without its payload and what of it stands in topic and key.
struct Rejection {
  SystemTime at{};
  std::string event_id;
  std::string event_type;
  Family family = Family::unknown;
  std::string reason;
};
inline constexpr std::size_t most_rejections = 20;

/// A sink as an operator sees it.
struct SinkStatus {
  SinkState state = SinkState::disconnected;
  SystemTime since{};
  std::string peer;  ///< as it was last reached; empty: never
  std::optional<observe::Failure> last_failure;
  std::uint64_t lag_events = 0;
  /// Age of the oldest event that it has yet to acknowledge; 0: there is none.
  std::chrono::duration<double> lag{0};
  std::size_t in_flight = 0;
  std::deque<Rejection> rejections;  ///< the latest `most_rejections`, oldest first
};

}  // namespace pbxbridge::deliver

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::deliver::SinkState>
    pbxbridge::enum_names<pbxbridge::deliver::SinkState>[] = {{deliver::SinkState::disconnected, "disconnected"},
                                                              {deliver::SinkState::connected, "connected"},
                                                              {deliver::SinkState::stuck, "stuck"},
                                                              {deliver::SinkState::closed, "closed"}};
