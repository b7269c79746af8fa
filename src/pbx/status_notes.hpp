#pragma once

#include "observe/log.hpp"
#include "pbx/session_status.hpp"

#include <cstdint>
#include <vector>

namespace pbxbridge::pbx {

/// Keeps a session's status from what its machine has done. Pure: the time is passed in.
class StatusNotes {
 public:
  explicit StatusNotes(SystemTime now) { status_.since = now; }

  void set_authenticated(bool authenticated, std::uint32_t connection_epoch, SystemTime now);
  void set_subscribed(bool subscribed, SystemTime now);
  void set_stopped(SystemTime now) { set_state(SessionState::stopped, now); }
  /// One that stays in its state keeps its time.
  void set_subscriptions(std::vector<SubscriptionStatus> subscriptions, SystemTime now);
  /// A failed attempt, a lost connection or a rejected account is the last failure.
  void note(const observe::LogLine& line, SystemTime now);

  const SessionStatus& status() const { return status_; }

 private:
  void set_state(SessionState state, SystemTime now);

  SessionStatus status_;
};

}  // namespace pbxbridge::pbx
