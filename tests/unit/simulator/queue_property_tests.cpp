// The queues are as their events say, with their callers and agents.

#include "model_property.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;

struct QueueWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::queue; }

  struct Agent {
    std::string state, session;
  };
  struct Queue {
    std::vector<std::string> waiting;  ///< sessions, in order
    std::map<std::string, Agent> agents;
    std::map<std::string, std::uint64_t> reasons;  ///< how often callers entered and left for each
  };

  void see(const std::string& type, const json& event) override {
    if (type == "queue_caller_status") {
      for (const auto& caller : event.at("updated_callers")) see_caller(queues[event.at("queue_id")], caller);
    } else if (type == "queue_agent_status") {
      auto& queue = queues[event.at("queue_id")];
      for (const auto& agent : event.at("removed_agents")) queue.agents.erase(agent.at("agent_extension_number"));
      for (const auto& agent : event.at("updated_agents"))
        queue.agents[agent.at("agent_extension_number")] = {agent.at("state"), agent.at("session_id")};
    } else if (type == "queue_status") {
      compare(event);
    } else if (type == "queue_sla_breached") {
      const auto& queue = queues[event.at("queue_id")];
      EXPECT_EQ(number(event.at("waiting_callers")), static_cast<std::int64_t>(queue.waiting.size()));
      EXPECT_EQ(number(event.at("total_callers_breached")), ++breached[event.at("queue_id")]);
    }
  }

  void see_caller(Queue& queue, const json& caller) {
    const auto position = static_cast<std::size_t>(number(caller.at("position")));
    const std::string reason = caller.at("reason");
    ++queue.reasons[reason];
    if (reason == "enqueue") {
      queue.waiting.push_back(caller.at("session_id"));
      EXPECT_EQ(position, queue.waiting.size()) << "one who comes is the last";
      return;
    }
    ASSERT_LE(position, queue.waiting.size());
    EXPECT_EQ(queue.waiting[position - 1], caller.at("session_id")) << "one who leaves was there";
    queue.waiting.erase(queue.waiting.begin() + static_cast<std::ptrdiff_t>(position) - 1);
  }

  void compare(const json& event) {
    auto& queue = queues[event.at("queue_id")];
    std::vector<std::string> waiting;
    for (const auto& caller : event.at("waiting_list")) {
      waiting.push_back(caller.at("session_id"));
      EXPECT_EQ(number(caller.at("position")), static_cast<std::int64_t>(waiting.size()));
    }
    EXPECT_EQ(waiting, queue.waiting);
    for (const auto& agent : event.at("agents")) {
      const std::string extension = agent.at("agent_extension_number");
      const auto known = queue.agents.try_emplace(extension, Agent{"READY", ""}).first->second;
      EXPECT_EQ(agent.at("state"), known.state) << extension;
      EXPECT_EQ(agent.at("session_id"), known.session) << extension;
    }
    EXPECT_EQ(event.at("agents").size(), queue.agents.size());
  }

  std::map<std::string, Queue> queues;
  std::map<std::string, std::int64_t> breached;
};

TEST_P(ModelPropertyOf22, EachQueueIsAsItsCallersAndAgentsWereSentBefore) {
  QueueWitness witness;
  // At the start everybody is ready, as the snapshot after a subscribe shows.
  for (const auto& tenant : world_.tenants)
    for (const auto& queue : tenant.queues)
      for (const auto& agent : queue->agents) witness.queues[queue->id].agents[agent.extension->number] = {"READY", ""};
  run(witness);
  run_to_the_end_of_the_moment(witness);
  std::map<std::string, std::uint64_t> all;
  for (const auto& tenant : world_.tenants)
    for (const auto& queue : tenant.queues) {
      auto& reasons = witness.queues[queue->id].reasons;
      EXPECT_EQ(queue->totals.entered, reasons["enqueue"]);
      EXPECT_EQ(queue->totals.answered, reasons["agent_answered"]);
      EXPECT_EQ(queue->totals.abandoned, reasons["hangup"]);
      EXPECT_EQ(queue->totals.overflowed, reasons["overflow"]);
      EXPECT_EQ(queue->totals.called_back, reasons["callback"]);
      for (const auto& [reason, count] : reasons) all[reason] += count;
    }
  for (const char* reason : {"enqueue", "agent_answered", "hangup", "callback"}) EXPECT_GT(all[reason], 0U) << reason;
  EXPECT_TRUE(all["overflow"] > 0 || GetParam().is_large()) << "the events of many calls are of a few minutes";
}

TEST_P(ModelProperty, WhoHasEnteredAQueueWaitsOrHasLeftIt) {
  for (int i = 0; i < events_of_a_run; ++i) ASSERT_TRUE(model_.next());
  std::uint64_t entered = 0;
  for (const auto& tenant : world_.tenants)
    for (const auto& queue : tenant.queues) {
      const auto& totals = queue->totals;
      EXPECT_EQ(totals.entered,
                queue->waiting.size() + totals.answered + totals.abandoned + totals.overflowed + totals.called_back);
      entered += totals.entered;
    }
  EXPECT_GT(entered, 500U);
}

struct Queue16Witness : Witness {
  bool cares_about(Family family) const override {
    return family == Family::queue || family == Family::extension || family == Family::cdr;
  }

  void see(const std::string& type, const json& event) override {
    if (type == "call_start") {
      open.insert(event.at("session_id"));
    } else if (type == "call_cdr") {
      open.erase(event.at("session_id"));
    } else if (type == "queue_member_state") {
      states[event.at("queue_id")][event.at("extension")] = event.at("state");
    } else if (type == "queue_status") {
      for (const auto& caller : event.at("waiting_list")) {
        EXPECT_TRUE(caller.at("type") == "callback" || open.contains(caller.at("session_id")));
        ++waiting;
      }
      const auto& known = states[event.at("queue_id")];
      for (const auto& agent : event.at("agents")) {
        const auto state = known.find(agent.at("agent_extension_number"));
        EXPECT_EQ(agent.at("state"), state == known.end() ? "READY" : state->second);
      }
    }
  }

  std::set<std::string> open;
  std::map<std::string, std::map<std::string, std::string>> states;
  int waiting = 0;
};

TEST_P(ModelPropertyOf16, EachQueueIsAsItsAgentsAndTheCallsWereSentBefore) {
  Queue16Witness witness;
  run(witness);
  EXPECT_GT(witness.waiting, 0);
}

struct AgentWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::queue || family == Family::extension; }

  void see(const std::string& type, const json& event) override {
    const std::string tenant = event.at("tenant_id");
    if (type == "queue_agent_status") {
      for (const auto& agent : event.at("updated_agents"))
        state[tenant + event.at("queue_id").get<std::string>()][agent.at("agent_extension_number")] = agent.at("state");
    } else if (type == "extension_agent_status") {
      for (const auto& each : event.at("agent_status")) {
        const std::string queue = each.at("queue_number");
        const auto id = std::to_string(std::stoull(tenant) - 1 + std::stoull(queue));
        const auto& agents = state[tenant + id];
        const auto known = agents.find(user_of(event.at("extension")));
        EXPECT_EQ(each.at("status"), known == agents.end() ? "READY" : known->second);
      }
    }
  }

  std::map<std::string, std::map<std::string, std::string>> state;
};

TEST_P(ModelPropertyOf22, AnExtensionIsInEachQueueAsTheQueueHasIt) {
  AgentWitness witness;
  run(witness);
}

/// Seen from the waiting caller to the agent who has answered: it is the same one, also in a call-back.
struct ServedWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::queue; }

  void see(const std::string& type, const json& event) override {
    if (type == "queue_caller_status") {
      for (const auto& caller : event.at("updated_callers")) {
        numbers[caller.at("session_id")] = caller.at("caller_number");
        if (caller.at("type") == "callback") called_back.insert(caller.at("session_id"));
      }
    } else if (type == "queue_agent_status") {
      for (const auto& agent : event.at("updated_agents")) {
        if (agent.at("state") != "QUEUE_CALL") continue;
        EXPECT_EQ(agent.at("caller_number"), numbers.at(agent.at("session_id")));
        served_back += called_back.contains(agent.at("session_id"));
      }
    }
  }

  std::map<std::string, std::string> numbers;
  std::set<std::string> called_back;
  int served_back = 0;
};

TEST_P(ModelPropertyOf22, AnAgentIsShownWithTheCallerWhoHasWaited) {
  ServedWitness witness;
  run(witness);
  EXPECT_GT(witness.served_back, 0);
}

TEST_P(ModelProperty, NoCallerWaitsWhileAnAgentIsReadyAndIdle) {
  const auto is_free = [](const Agent& agent) { return agent.state == "READY" && agent.extension->is_idle(); };
  const auto waits = [&](const WaitingCaller& caller) {
    return model_.open_calls().at(caller.serial)->phase != Call::Phase::ringing;
  };
  // A fault stays visible until the next event of the queue, so among many a sample is enough.
  const int step = GetParam().is_large() ? 100 : 1;
  for (int i = 0; i < events_of_a_run; ++i) {
    ASSERT_TRUE(model_.next());
    if (i % step != 0) continue;
    for (const auto& tenant : world_.tenants)
      for (const auto& queue : tenant.queues)
        ASSERT_FALSE(std::ranges::any_of(queue->waiting, waits) && std::ranges::any_of(queue->agents, is_free))
            << "queue " << queue->number() << " after event " << i;
  }
}

}  // namespace
}  // namespace pbxbridge::sim
