#pragma once

#include "simulator/model/call.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/queue_events.hpp"
#include "simulator/model/world.hpp"

#include <string_view>

namespace pbxbridge::sim {

/// Lets extensions do something, and their queues take notice of it. Each change is announced.
class Phones {
 public:
  explicit Phones(Context& context) : context_(context), queue_events_(context) {}

  /// `status`: RINGING or ON_CALL.
  void occupy(Extension& extension, const Call& call, std::string_view status);
  void release(Extension& extension);

  void set_online(Extension& extension, bool online);
  void set_presence(Extension& extension, std::string_view presence, std::string_view note);
  void set_logged_in(Queue& queue, Extension& agent, bool logged_in);

  /// The agent has no time for a caller of this queue for a while, because of what `flag` says. Does nothing where it
  /// is no agent any longer.
  void set_aside(Queue& queue, Extension& agent, bool Agent::*flag, Duration time);

  /// Announces the states that follow from what has changed, where they are other ones than before.
  void refresh(Extension& extension);

 private:
  Context& context_;
  QueueEvents queue_events_;
};

}  // namespace pbxbridge::sim
