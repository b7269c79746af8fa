#pragma once

#include "pbx/session_status.hpp"
#include "pbxbridge/enum_names.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::derive {

enum class LinkState : std::uint8_t {
  streaming,  ///< the PBX pushes all that it granted
  lost,       ///< there is no session, whatever is being tried to change it
  refused,    ///< the PBX rejects the account, or every subscription
};

/// The link to a PBX, for a board that must not show as present what is past. Pure.
struct Link {
  LinkState state = LinkState::lost;
  SystemTime since{};
  std::uint32_t connection_epoch = 0;
  std::size_t granted = 0;  ///< subscriptions of a session that has all its answers, as the following
  std::size_t refused = 0;
  std::size_t silent = 0;
  std::string reason;  ///< the latest trouble, unless it streams; empty: none is known

  /// Differs in nothing but its reason and its times, or in the epoch of one that does not stream: each failed attempt
  /// has its own.
  bool is_same_as(const Link& other) const;
};

Link link_of(const pbx::SessionStatus& status);

/// `bridge_link`: docs/schemas/events/bridge_link.schema.json.
NewEventPtr link_event(std::string_view pbx, const Link& link, SystemTime at);

}  // namespace pbxbridge::derive

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::derive::LinkState>
    pbxbridge::enum_names<pbxbridge::derive::LinkState>[] = {{derive::LinkState::streaming, "streaming"},
                                                             {derive::LinkState::lost, "lost"},
                                                             {derive::LinkState::refused, "refused"}};
