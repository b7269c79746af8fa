#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

struct Extension {
  std::string number;
  std::string id;  ///< decimal, wider than 53 bits, as the PBX's are
  std::string display_name;
  std::string username;
  std::string department;
  std::string presence = "ONLINE";
  std::string presence_note;
  std::string call_status;  ///< ON_CALL, RINGING or empty
  bool online = true;
  bool push_online = false;
};

struct Agent {
  std::size_t extension = 0;  ///< index into the tenant's extensions
  std::string state = "READY";
  std::string session_id;  ///< of the caller it serves, empty: none
  std::string caller_number;
  std::string caller_name;
  std::int64_t since = 0;  ///< UNIX seconds
};

struct WaitingCaller {
  std::string session_id;
  std::string number;
  std::string name;
  std::string type = "normal";
  std::int64_t since = 0;
};

struct Queue {
  std::string number;
  std::string id;
  std::string name;
  std::vector<WaitingCaller> waiting;
  std::vector<Agent> agents;
};

struct Tenant {
  std::string id;
  std::string name;
  std::string domain;
  std::uint64_t id_base = 0;  ///< every id of this tenant is above it
  std::vector<Extension> extensions;
  std::vector<Queue> queues;
};

/// Plan from which a tenant is made.
struct TenantPlan {
  std::string name;
  std::string domain;
  std::uint32_t extensions = 20;  ///< numbered from 101
  std::uint32_t queues = 3;       ///< numbered from 8001
};

inline constexpr std::uint32_t max_extensions = 5000;
inline constexpr std::uint32_t max_queues = 900;

/// The PBX's tenants with their extensions and queues, as they are now.
class World {
 public:
  explicit World(const std::vector<TenantPlan>& plans);

  std::vector<Tenant> tenants;

  const Tenant* tenant_of_domain(std::string_view domain) const;
  const Tenant* tenant_of_id(std::string_view id) const;

  /// The number of the queue with that id; empty where there is none.
  std::string_view queue_number(std::string_view queue_id) const;
};

/// Returns whether the extension takes calls of the queue.
bool is_agent(const Tenant& tenant, std::string_view extension_number, std::string_view queue_number);

}  // namespace pbxbridge::sim
