#include "derive/link_event.hpp"

#include "derive/bridge_event.hpp"
#include "observe/log_format.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

namespace pbxbridge::derive {

namespace {

using pbx::SessionState;
using pbx::SubscriptionState;

std::size_t count(const pbx::SessionStatus& status, SubscriptionState state) {
  return static_cast<std::size_t>(std::ranges::count(status.subscriptions, state, &pbx::SubscriptionStatus::state));
}

/// A PBX that answers no subscribe may push all the same.
bool grants_something(const Link& link) { return link.granted + link.silent > 0 || link.refused == 0; }

LinkState state_of(const pbx::SessionStatus& status, const Link& link) {
  if (status.state == SessionState::subscribed)
    return grants_something(link) ? LinkState::streaming : LinkState::refused;
  return status.account_rejected ? LinkState::refused : LinkState::lost;
}

}  // namespace

bool Link::is_same_as(const Link& other) const {
  if (state == LinkState::streaming && connection_epoch != other.connection_epoch) return false;
  return std::tie(state, granted, refused, silent) == std::tie(other.state, other.granted, other.refused, other.silent);
}

Link link_of(const pbx::SessionStatus& status) {
  Link link = {.since = status.since, .connection_epoch = status.connection_epoch, .reason = {}};
  if (status.state == SessionState::subscribed) {
    link.granted = count(status, SubscriptionState::granted);
    link.refused = count(status, SubscriptionState::rejected);
    link.silent = count(status, SubscriptionState::silent);
  }
  link.state = state_of(status, link);
  if (link.state != LinkState::streaming && status.last_failure) link.reason = status.last_failure->text;
  return link;
}

NewEventPtr link_event(std::string_view pbx, const Link& link, SystemTime at) {
  nlohmann::ordered_json document = {
      {"state", to_string(link.state)},        {"since", observe::format_time(link.since)},
      {"epoch", link.connection_epoch},        {"subscriptions_granted", link.granted},
      {"subscriptions_refused", link.refused}, {"subscriptions_silent", link.silent}};
  if (!link.reason.empty()) document["reason"] = link.reason;
  return bridge_event("bridge_link", pbx, link.connection_epoch, at, document);
}

}  // namespace pbxbridge::derive
