#pragma once

#include "simulator/model/call_flow.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/management.hpp"
#include "simulator/model/phones.hpp"
#include "simulator/model/trunk_links.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Lets people in the model do something now, by a line of words:
///   call FROM TO                                an extension or a number outside, to the same or to a queue; to an
///                                               extension that is busy or not registered it fails
///   answer EXTENSION                            the call that rings there
///   hold|take-back|hang-up EXTENSION            the call in which it talks
///   transfer EXTENSION TO                       that call, to another extension that is idle
///   presence EXTENSION STATE
///   extension create|update|destroy|register|unregister NUMBER
///   queue create|update|destroy NUMBER
///   agent login|logout|add|remove EXTENSION QUEUE
///   trunk connect|disconnect NAME
///   activity FACTOR|day                         calls, as a multiple of an ordinary afternoon's
/// All but `activity` take the domain of a tenant as one word more; without it the first tenant is meant.
class Orders {
 public:
  Orders(Context& context, Phones& phones, CallFlow& calls, Management& management, TrunkLinks& trunks)
      : context_(context), phones_(phones), calls_(calls), management_(management), trunks_(trunks) {}

  static bool is_order(std::string_view verb);
  /// Returns why the line is no order, or what was expected where it has too few words or too many; otherwise nothing.
  static std::string mistake_in(std::string_view line);

  /// Empty where it was done, otherwise why not.
  std::string execute(std::string_view line);

 private:
  using Words = std::vector<std::string>;

  static std::string mistake_in(std::string_view line, const Words& words);
  std::string call(Tenant& tenant, const Words& words);
  std::string call_from(Extension& from, const std::string& to);
  std::string call_from_outside(Tenant& tenant, const std::string& from, const std::string& to);
  std::string answer(Tenant& tenant, const Words& words);
  std::string hold(Tenant& tenant, const Words& words);
  std::string take_back(Tenant& tenant, const Words& words);
  std::string set_on_hold(Tenant& tenant, const Words& words, bool on_hold);
  std::string transfer(Tenant& tenant, const Words& words);
  std::string hang_up(Tenant& tenant, const Words& words);
  std::string set_presence(Tenant& tenant, const Words& words);
  std::string change_extension(Tenant& tenant, const Words& words);
  std::string change_queue(Tenant& tenant, const Words& words);
  std::string change_agent(Tenant& tenant, const Words& words);
  std::string change_trunk(Tenant& tenant, const Words& words);
  std::string set_activity(Tenant& tenant, const Words& words);

  struct Verb;
  static const std::vector<Verb>& verbs();

  Context& context_;
  Phones& phones_;
  CallFlow& calls_;
  Management& management_;
  TrunkLinks& trunks_;
};

}  // namespace pbxbridge::sim
