#pragma once

#include "simulator/model/accounts.hpp"
#include "simulator/model/world.hpp"
#include "simulator/protocol/subscriptions.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Behaviour of the PBX towards all clients; may change while they are connected.
struct Behaviour {
  Dialect dialect = Dialect::v22;
  bool answer_subscribes = true;  ///< the vendor shows no answer to subscribe; false: give none
  bool snapshots = true;
  bool subscribe_at_sign_in = false;  ///< a system administrator has every global topic without asking
  bool reject_auth = false;
  /// The account to which the REST login gave the token; null: none. Empty: there is no REST API.
  std::function<const Account*(std::string_view token)> account_of_token;
  std::map<std::string, std::string, std::less<>> rejected_topics;  ///< topic to the error's text
};

/// The PBX's side of one connection: reads what the client says and decides what it gets. No sockets, no clock.
class Dialogue {
 public:
  /// All must outlive this object.
  Dialogue(const Installation& installation, const World& world, const Behaviour& behaviour);

  struct Reaction {
    struct Snapshot {
      const Topic* topic;
      std::string event;
    };
    std::vector<std::string> answers;
    std::vector<Snapshot> snapshots;  ///< to be sent behind the answers
    std::vector<std::string> report;  ///< what happened, one line each, for people and tests; never a password
  };

  /// `now`: the model's.
  Reaction receive(std::string_view frame, Time now);

  const Topic* entitle(const EventFacts& event) const { return subscriptions_.entitle(event, tenant_id_); }
  std::size_t subscription_count() const { return subscriptions_.size(); }

 private:
  using Requests = std::vector<SubscriptionRequest>;

  void authenticate(const nlohmann::json& message, Reaction& reaction);
  const Account* account_of(const Credentials& credentials) const;
  void subscribe_to_all(Reaction& reaction);
  void subscribe(const nlohmann::json& message, Time now, Reaction& reaction);
  void unsubscribe(const nlohmann::json& message, Reaction& reaction);
  /// Empty where the client may have it, otherwise the error's text.
  std::string rejection_of(const SubscriptionRequest& request) const;
  /// Empty error: accepted.
  std::string answer(std::string_view command, std::string_view error);

  const Installation& installation_;
  const World& world_;
  const Behaviour& behaviour_;
  const Account* account_ = nullptr;  ///< null before a successful auth
  std::string tenant_id_;             ///< of the account; empty for a system administrator
  Subscriptions subscriptions_;
  std::uint64_t last_answer_id_ = 0;
};

}  // namespace pbxbridge::sim
