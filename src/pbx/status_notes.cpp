#include "pbx/status_notes.hpp"

#include "text/log_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pbxbridge::pbx {

namespace {

constexpr std::size_t longest_failure = 1000;
constexpr std::size_t longest_words = 400;

}  // namespace

void StatusNotes::set_state(SessionState state, SystemTime now) {
  if (std::exchange(status_.state, state) != state) status_.since = now;
}

void StatusNotes::set_authenticated(bool authenticated, std::uint32_t connection_epoch, SystemTime now) {
  status_.connection_epoch = connection_epoch;
  if (authenticated) status_.account_rejected = false;
  set_state(authenticated ? SessionState::authenticated : SessionState::disconnected, now);
}

void StatusNotes::set_subscribed(bool subscribed, SystemTime now) {
  if (subscribed) set_state(SessionState::subscribed, now);
}

void StatusNotes::set_subscriptions(std::vector<SubscriptionStatus> subscriptions, SystemTime now) {
  std::vector<SubscriptionStatus> before = std::exchange(status_.subscriptions, {});
  for (SubscriptionStatus& subscription : subscriptions) {
    subscription.words = text::log_text(subscription.words, longest_words);
    const auto same = std::ranges::find_if(before, [&](const SubscriptionStatus& each) {
      return each.topic == subscription.topic && each.selector == subscription.selector &&
             each.state == subscription.state;
    });
    subscription.since = same == before.end() ? now : same->since;
    if (same != before.end()) before.erase(same);
  }
  status_.subscriptions = std::move(subscriptions);
}

void StatusNotes::set_failure(std::string_view text, SystemTime now) {
  status_.last_failure = observe::Failure{now, text::log_text(text, longest_failure)};
}

}  // namespace pbxbridge::pbx
