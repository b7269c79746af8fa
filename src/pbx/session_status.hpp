#pragma once

#include "observe/failure.hpp"
#include "pbx/subscription_state.hpp"
#include "pbxbridge/enum_names.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::pbx {

enum class SessionState : std::uint8_t {
  disconnected,   ///< whatever is being tried to change it
  authenticated,  ///< the subscriptions are being made
  subscribed,     ///< each has its answer, or the time for one is over
  stopped,
};

/// One entry under `subscribe`, without the numbers that it selects.
struct SubscriptionStatus {
  std::string topic;
  std::string selector;  ///< "2 extensions"; empty: the whole topic
  SubscriptionState state = SubscriptionState::pending;
  SystemTime since{};
  std::string words;  ///< the PBX gave for a rejection
};

/// A session as an operator sees it.
struct SessionStatus {
  SessionState state = SessionState::disconnected;
  SystemTime since{};
  bool account_rejected = false;       ///< and not taken since
  std::uint32_t connection_epoch = 0;  ///< 0: there was none yet
  std::optional<observe::Failure> last_failure;
  std::vector<SubscriptionStatus> subscriptions;
};

}  // namespace pbxbridge::pbx

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::pbx::SessionState>
    pbxbridge::enum_names<pbxbridge::pbx::SessionState>[] = {{pbx::SessionState::disconnected, "disconnected"},
                                                             {pbx::SessionState::authenticated, "authenticated"},
                                                             {pbx::SessionState::subscribed, "subscribed"},
                                                             {pbx::SessionState::stopped, "stopped"}};
