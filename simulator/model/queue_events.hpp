#pragma once

#include "simulator/model/context.hpp"

#include <cstddef>
#include <string_view>

namespace pbxbridge::sim {

/// Announces what happens in a queue. The vendor documents neither when a queue's whole state is pushed again, nor that
/// those behind a caller who leaves move up without an event of their own. Here, 22.x pushes it when somebody enters,
/// and 16.x, which has no other event for them, whenever callers or agents come and go.
class QueueEvents {
 public:
  /// `context` must outlive this object.
  explicit QueueEvents(Context& context) : context_(context) {}

  /// The last in the line has just come.
  void entered(const Queue& queue);
  /// `position` counts from 1: where the caller was, who is no longer in the line.
  void left(const Queue& queue, const WaitingCaller& caller, std::size_t position, std::string_view reason);
  void waited_too_long(const Queue& queue, const WaitingCaller& caller);
  void agent_changed(const Queue& queue, const Agent& agent);
  void agent_removed(const Queue& queue, const Extension& agent);

 private:
  void push_status(const Queue& queue);
  void push_status_in_16(const Queue& queue);

  Context& context_;
};

}  // namespace pbxbridge::sim
