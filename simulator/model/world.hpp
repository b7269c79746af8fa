#pragma once

#include "simulator/model/model_time.hpp"
#include "simulator/model/plan.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The PBX as it is now: its tenants with their extensions, queues and trunks.
namespace pbxbridge::sim {

struct Call;
struct Queue;
struct Tenant;

struct Extension {
  Tenant* tenant = nullptr;
  std::string number;
  std::string id;  ///< decimal, wider than 53 bits, as the PBX's are
  std::string display_name;
  std::string username;
  std::string department;
  std::string presence = "ONLINE";
  std::string presence_note;
  /// ON_CALL, RINGING or empty; fmt takes no null.
  std::string_view call_status = "";  // NOLINT(readability-redundant-string-init)
  bool online = true;                 ///< a telephone is registered
  bool push_online = false;
  bool at_work = true;         ///< whoever has it; who has gone home comes back in the morning only
  const Call* call = nullptr;  ///< that rings here or in which it talks
  std::vector<Queue*> queues;  ///< of which it is an agent

  bool is_idle() const { return online && call == nullptr; }
};

struct Agent {
  Extension* extension = nullptr;
  bool logged_in = true;
  bool wrapping_up = false;
  bool resting = false;              ///< did not answer, and is given no caller for a while
  std::string_view state = "READY";  ///< follows from all of these and from the extension's call
  std::string session_id;            ///< of the caller whom it serves or has just served; empty: none
  std::string caller_number;
  std::string caller_name;
  Time since{};
};

struct WaitingCaller {
  std::string session_id;
  std::uint64_t serial = 0;  ///< of the call
  std::string number;
  std::string name;
  std::string_view type = "normal";
  Time since{};
};

/// Callers of a queue since it exists. Each is counted when it enters and when it leaves, one who is to be called back
/// twice: as a caller, and as a call-back.
struct QueueTotals {
  std::uint64_t entered = 0;
  std::uint64_t answered = 0;
  std::uint64_t abandoned = 0;
  std::uint64_t overflowed = 0;
  std::uint64_t called_back = 0;   ///< asked for it
  std::uint64_t sla_breached = 0;  ///< waited longer than the service level
};

struct Queue {
  Tenant* tenant = nullptr;
  QueuePlan plan;
  std::string id;
  std::vector<WaitingCaller> waiting;
  std::vector<Agent> agents;
  std::vector<const Extension*> managers;
  QueueTotals totals;

  const std::string& number() const { return plan.number; }
  Agent* agent(const Extension& extension);
  const Agent* agent(const Extension& extension) const { return const_cast<Queue*>(this)->agent(extension); }
};

struct Trunk {
  TrunkPlan plan;
  std::string text;  ///< as events have it, `NAME:ID`
  bool connected = true;
};

struct Tenant {
  std::string id;
  std::string name;
  std::string domain;
  std::uint64_t id_base = 0;                           ///< every id of this tenant is above it
  std::vector<std::unique_ptr<Extension>> extensions;  ///< by number
  std::vector<std::unique_ptr<Queue>> queues;          ///< by number
  std::vector<Trunk> trunks;
  std::size_t agents = 0;  ///< extensions that are agents of one queue at least

  /// Null where there is none.
  Extension* extension(std::string_view number) const;
  Queue* queue(std::string_view number) const;

  Extension& add(const ExtensionPlan& plan);
  Queue& add(const QueuePlan& plan);
  /// The extension is in no call, and no longer an agent of a queue.
  void remove(const Extension& extension);
  /// Nobody waits in the queue.
  void remove(Queue& queue);

  std::string address(const Extension& extension) const { return "sip:" + extension.number + "@" + domain; }
};

void add_agent(Queue& queue, Extension& extension);
void remove_agent(Queue& queue, Extension& extension);

class World {
 public:
  /// Another `generation` gives everything other ids.
  explicit World(const std::vector<TenantPlan>& plans, std::uint32_t generation = 0);

  std::vector<Tenant> tenants;  ///< neither more nor fewer once it stands

  const Tenant* tenant_of_domain(std::string_view domain) const;
  const Tenant* tenant_of_id(std::string_view id) const;

  /// The number of the queue with that id; empty where there is none.
  std::string_view queue_number(std::string_view queue_id) const;
};

/// Returns whether the extension takes calls of the queue or manages it.
bool serves(const Tenant& tenant, std::string_view extension_number, std::string_view queue_number);

}  // namespace pbxbridge::sim
