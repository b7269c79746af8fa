#pragma once

#include "simulator/model/call.hpp"
#include "simulator/model/context.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// Announces what happens to a call, under the names that each version of the PBX has for it.
class CallEvents {
 public:
  /// The way of one target: it is added, may ring and may answer, and then it has not answered, failed or ended.
  enum class TargetStep : std::uint8_t { add, ringing, answer, noanswer, fail, end };

  /// `context` must outlive this object.
  explicit CallEvents(Context& context) : context_(context) {}

  void started(const Call& call);
  /// The call's last target takes the step.
  void target(const Call& call, TargetStep step);
  /// The call is given to another party than the one before.
  void transferred(const Call& call);
  /// 16.x only: the call leaves its queue for a target outside of it.
  void redirected(const Call& call);
  /// 16.x only: it is put on hold, or taken back.
  void held(const Call& call);
  /// The last event is its record.
  void ended(const Call& call);

 private:
  using Text = std::string (*)(std::string_view event_type, const CallRecord& call, Time now);

  void announce(std::string_view event_type, const Call& call, Text text, const Target* target = nullptr);

  Context& context_;
};

}  // namespace pbxbridge::sim
