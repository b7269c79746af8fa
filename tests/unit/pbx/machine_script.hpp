#pragma once

#include "pbx/session_machine.hpp"

#include <string>
#include <vector>

namespace pbxbridge::pbx::test {

/// Each action as a line: `connect`, `send TEXT`, `arm TIMER MILLISECONDS`, `log CODE MESSAGE`, ...
std::vector<std::string> lines_of(const Actions& actions);
/// Those that begin with `beginning`, without it.
std::vector<std::string> lines_of(const Actions& actions, const std::string& beginning);

inline constexpr const char* accepted = R"({"command":"auth","id":"1","status":0})";
inline constexpr const char* rejected = R"({"command":"auth","error":"password error","id":"2","status":-1})";
inline constexpr const char* granted = R"({"command":"subscribe","status":0})";
inline constexpr const char* denied = R"({"command":"subscribe","status":-1,"error":"no permission"})";
inline constexpr const char* unsubscribed = R"({"command":"unsubscribe","status":0})";

/// An account with one subscription to `cdr_events`.
config::PbxConfig one_subscription();
config::PbxConfig with_subscriptions(std::vector<config::SubscribeConfig> subscribe);

/// A machine that has been brought to where it streams; its subscriptions are pending.
struct SubscribedSession {
  explicit SubscribedSession(const config::PbxConfig& config = one_subscription(), double random = 0.0);
  SessionMachine machine;
};

}  // namespace pbxbridge::pbx::test
