#pragma once

#include "pbxbridge/event_id.hpp"
#include "spool/gaps/gap.hpp"
#include "spool/gaps/gap_record.hpp"
#include "spool/gaps/subscribed_until.hpp"

#include <map>
#include <optional>
#include <string>

namespace pbxbridge::spool {

/// Follows which PBX streams, over the ends of processes: each stretch in which one did not is one gap, from when it
/// was last known to stream until it does again. Pure: the time is passed in.
class GapWatch {
 public:
  /// `stored`: as an earlier process has left them. `last`: the newest event on the disk.
  GapWatch(const SubscribedUntilByPbx& stored, Sequence last);

  /// The gap that ends by it, where one does. `last`: the newest event on the disk by now.
  std::optional<Gap> note(const std::string& pbx, SubscribedState state, const Moment& at, Sequence last);

  /// Changes to be stored, each once. `committed_up_to`: everything that was received until then is on the
  /// disk.
  SubscribedUntilByPbx take_changes(const Moment& committed_up_to);
  /// Stored marks may be gone: all of them are changes.
  void store_again();

 private:
  struct Stream {
    bool on = false;
    SubscribedUntil mark;  // mark of a stream that is off
    Sequence after{};      // likewise: the newest event when it ended; some may come before it is on again
    std::optional<SubscribedUntil> stored;
  };

  std::map<std::string, Stream> streams_;
};

}  // namespace pbxbridge::spool
