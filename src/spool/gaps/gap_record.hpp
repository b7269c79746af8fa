#pragma once

#include "pbxbridge/system_time.hpp"
#include "spool/gaps/gap.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// State of a PBX's pushes.
enum class SubscribedState : std::uint8_t {
  on,
  lost,   ///< its connection was lost, or it ended it
  ended,  ///< pbxbridge has ended the connection, for it is about to end itself
};

/// Keeps the stretches in which events are missing, over restarts.
class GapRecord {
 public:
  virtual ~GapRecord() = default;

  /// From `at` on all that a PBX pushes comes, or no longer does. Each stretch in which it did not after it had, in
  /// this process or an earlier one, is recorded as a gap once it does again. Io thread.
  virtual void note_subscribed(const std::string& pbx, SubscribedState state, SystemTime at) = 0;
  /// Called with each gap when it is known, from `note_subscribed` or in a turn of its own: the caller may append to
  /// the spool. A gap that grows comes again. Those of earlier processes do not come. Set once, before `start`. Io
  /// thread.
  virtual void set_on_gap(std::function<void(const Gap&)> callback) = 0;
  /// The latest, oldest first, those of earlier processes included. Io thread.
  virtual std::vector<Gap> latest_gaps() const = 0;
};

}  // namespace pbxbridge::spool
