#pragma once

#include "simulator/model/call_flow.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/management.hpp"
#include "simulator/model/phones.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Lets people in the model do something now, by a line of words:
///   call FROM TO                                an extension or a number outside, to the same or to a queue
///   hang-up EXTENSION
///   presence EXTENSION STATE
///   extension create|update|destroy|register|unregister NUMBER
///   queue create|update|destroy NUMBER
///   agent login|logout|add|remove EXTENSION QUEUE
///   activity FACTOR|day                         calls, as a multiple of an ordinary afternoon's
/// All but `activity` take the domain of a tenant as one word more; without it the first tenant is meant.
class Orders {
 public:
  Orders(Context& context, Phones& phones, CallFlow& calls, Management& management)
      : context_(context), phones_(phones), calls_(calls), management_(management) {}

  static bool is_order(std::string_view verb);

  /// Empty where it was done, otherwise why not.
  std::string execute(std::string_view line);

 private:
  using Words = std::vector<std::string>;

  std::string call(Tenant& tenant, const Words& words);
  std::string call_from(Extension& from, const std::string& to);
  std::string call_from_outside(Tenant& tenant, const std::string& from, const std::string& to);
  std::string hang_up(Tenant& tenant, const Words& words);
  std::string set_presence(Tenant& tenant, const Words& words);
  std::string change_extension(Tenant& tenant, const Words& words);
  std::string change_queue(Tenant& tenant, const Words& words);
  std::string change_agent(Tenant& tenant, const Words& words);
  std::string set_activity(Tenant& tenant, const Words& words);

  struct Verb;
  static const std::vector<Verb>& verbs();

  Context& context_;
  Phones& phones_;
  CallFlow& calls_;
  Management& management_;
};

}  // namespace pbxbridge::sim
