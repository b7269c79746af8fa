#pragma once

#include "simulator/model/call_flow.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/phones.hpp"
#include "simulator/model/queue_events.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Work of an administrator: extensions and queues are created, updated and destroyed.
class Management {
 public:
  Management(Context& context, Phones& phones, CallFlow& calls);

  Extension& create(Tenant& tenant, const ExtensionPlan& plan);
  void update(Extension& extension, std::string_view display_name);
  /// Ends its call.
  void destroy(Extension& extension);

  Queue& create(Tenant& tenant, const QueuePlan& plan);
  void update(Queue& queue, std::string_view name);
  /// Ends the calls in it.
  void destroy(Queue& queue);

  void add_agent(Queue& queue, Extension& extension);
  void remove_agent(Queue& queue, Extension& extension);

 private:
  /// The extension and queue that the model itself has created in a tenant: it destroys no others.
  struct Round {
    Tenant* tenant;
    std::uint32_t step = 0;
    std::string extension;
    std::string queue;
  };

  void plan_next(std::size_t round);
  void go_on(Round& round);
  void create_extension(Round& round);
  void create_queue(Round& round);
  void update_queue(Round& round);
  void announce_first_state(Agent& agent);
  void end_calls_in(const Queue& queue);

  Context& context_;
  Phones& phones_;
  CallFlow& calls_;
  QueueEvents queue_events_;
  std::vector<Round> rounds_;
};

/// The first number from `first` on that neither an extension nor a queue of the tenant has.
std::string free_number(const Tenant& tenant, std::uint32_t first);

}  // namespace pbxbridge::sim
