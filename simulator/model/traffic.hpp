#pragma once

#include "simulator/model/call_flow.hpp"
#include "simulator/model/context.hpp"

#include <string>

namespace pbxbridge::sim {

/// Starts calls, more of them in the busy hours of the day. Callers outside know nothing of each other: their calls
/// come as a Poisson process.
class Traffic {
 public:
  Traffic(Context& context, CallFlow& calls);

 private:
  void plan_next(Tenant& tenant);
  void start_call(Tenant& tenant);
  void call_queue_from_outside(Tenant& tenant);
  void call_extension_from_outside(Tenant& tenant);
  void call_from_inside(Tenant& tenant);
  bool is_called(const Extension& extension);
  std::string outside_number();

  Context& context_;
  CallFlow& calls_;
};

}  // namespace pbxbridge::sim
