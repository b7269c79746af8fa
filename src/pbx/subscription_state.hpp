#pragma once

#include "pbxbridge/enum_names.hpp"

#include <cstdint>

namespace pbxbridge::pbx {

enum class SubscriptionState : std::uint8_t { pending, granted, rejected, silent };

}  // namespace pbxbridge::pbx

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::pbx::SubscriptionState>
    pbxbridge::enum_names<pbxbridge::pbx::SubscriptionState>[] = {
        {pbx::SubscriptionState::pending, "pending"},
        {pbx::SubscriptionState::granted, "granted"},
        {pbx::SubscriptionState::rejected, "rejected"},
        {pbx::SubscriptionState::silent, "silent"},
};
