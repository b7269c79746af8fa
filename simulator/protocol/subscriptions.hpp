#pragma once

#include "simulator/model/event_facts.hpp"
#include "simulator/model/topic.hpp"

#include <set>
#include <string>
#include <vector>

namespace pbxbridge::sim {

/// Content of one subscribe or unsubscribe about one topic.
struct SubscriptionRequest {
  const Topic* topic = nullptr;
  std::set<std::string> selected;  ///< tenants, extensions or queues; empty: all that the account may see
  std::set<std::string> keys;      ///< 16.x: the event types wanted; empty: all of the topic
};

/// Subscriptions that one client has been granted.
class Subscriptions {
 public:
  /// A second subscribe to the same topic adds its elements to those of the first.
  void add(const SubscriptionRequest& request);

  /// Takes away the named elements, or the topic where none is named. False where that was not subscribed to.
  bool remove(const SubscriptionRequest& request);

  std::size_t size() const { return granted_.size(); }

  /// The topic by which a client that belongs to this tenant (empty: to none, a system administrator) gets the event;
  /// null where it does not. An event of unknown family goes to everyone with any subscription.
  const Topic* entitle(const EventFacts& event, const std::string& own_tenant_id) const;

 private:
  std::vector<SubscriptionRequest> granted_;
};

}  // namespace pbxbridge::sim
