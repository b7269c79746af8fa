#pragma once

#include "pbx/session_status.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pbxbridge::pbx {

/// Keeps a session's status from what its machine has done. Pure: the time is passed in.
class StatusNotes {
 public:
  explicit StatusNotes(SystemTime now) { status_.since = now; }

  void set_authenticated(bool authenticated, std::uint32_t connection_epoch, SystemTime now);
  void set_account_rejected() { status_.account_rejected = true; }
  void set_subscribed(bool subscribed, SystemTime now);
  void set_stopped(SystemTime now) { set_state(SessionState::stopped, now); }
  /// One that stays in its state keeps its time.
  void set_subscriptions(std::vector<SubscriptionStatus> subscriptions, SystemTime now);
  /// `text`: a failed attempt, a lost connection or a rejected account, as a clause.
  void set_failure(std::string_view text, SystemTime now);

  const SessionStatus& status() const { return status_; }

 private:
  void set_state(SessionState state, SystemTime now);

  SessionStatus status_;
};

}  // namespace pbxbridge::pbx
