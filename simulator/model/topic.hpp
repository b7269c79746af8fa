#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pbxbridge::sim {

/// Version of the PBX that is played: 22.x, or 16.x with its older messages and events.
enum class Dialect : std::uint8_t { v22, v16 };

enum class Family : std::uint8_t { extension_management, extension, cdr, queue_management, queue, trunk, unknown };

/// The list in a subscribe that narrows a topic down.
enum class Selector : std::uint8_t { none, tenants, extensions, queues };

/// A topic of the PBX. The table is the vendor's ("WSI: Pub/Sub", 22.3); the simulator keeps its own copy rather than
/// the bridge's, so that a mistake in one of them shows.
struct Topic {
  std::string_view name;
  Family family;
  bool global;  ///< over tenants, for system administrators; otherwise within the subscriber's own tenant
  Selector selector;
};

inline constexpr std::array<Topic, 11> topics{{
    {"global_extension_management_events", Family::extension_management, true, Selector::tenants},
    {"extension_management_events", Family::extension_management, false, Selector::none},
    {"global_extension_events", Family::extension, true, Selector::tenants},
    {"extension_events", Family::extension, false, Selector::extensions},
    {"global_cdr_events", Family::cdr, true, Selector::tenants},
    {"cdr_events", Family::cdr, false, Selector::none},
    {"global_queue_management_events", Family::queue_management, true, Selector::tenants},
    {"queue_management_events", Family::queue_management, false, Selector::none},
    {"global_queue_events", Family::queue, true, Selector::tenants},
    {"queue_events", Family::queue, false, Selector::queues},
    {"trunk_events", Family::trunk, false, Selector::none},  // 16.x only
}};

/// Null where that version of the PBX has no such topic. The topic lives as long as the program.
const Topic* find_topic(std::string_view name, Dialect dialect);

/// The key of a subscribe that holds the selector's list; empty for `none`.
std::string_view selector_key(Selector selector);

Family family_of(std::string_view event_type, Dialect dialect);

}  // namespace pbxbridge::sim
