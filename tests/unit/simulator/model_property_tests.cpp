// What must be true of 100,000 events of the model, whatever the seed: a client that reads nothing but the events can
// account for each of them.

#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;

constexpr int events_of_a_run = 100'000;
const Time start = time_of_seconds(1764000000);

std::int64_t number(const json& value) {
  return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<std::int64_t>();
}

/// `101` of `sip:101@example.test`.
std::string user_of(std::string address) {
  if (address.starts_with("sip:")) address.erase(0, 4);
  return address.substr(0, address.find('@'));
}

/// A client that follows everything.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual bool cares_about(Family family) const = 0;
  virtual void see(const std::string& type, const json& event) = 0;
};

class ModelProperty : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  void run(Witness& witness) {
    for (int i = 0; i < events_of_a_run; ++i) {
      const auto event = model_.next();
      if (!witness.cares_about(event->facts.family)) continue;
      ASSERT_NO_THROW(witness.see(event->facts.event_type, json::parse(event->text))) << event->text;
      if (HasFailure()) FAIL() << "at event " << i << ": " << event->text;
    }
  }

  World world_{default_installation().tenants};
  Model model_{world_, GetParam(), start, Dialect::v22};
};

struct CallWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::cdr; }

  struct Seen {
    json start;
    std::vector<std::string> rung;  ///< destinations
  };

  void see(const std::string& type, const json& event) override {
    if (type == "call_start") {
      EXPECT_TRUE(open.try_emplace(event.at("session_id"), Seen{event, {}}).second) << "a session starts once";
      EXPECT_TRUE(cdr_ids.insert(event.at("cdr_id")).second) << "no two calls have the same record";
    } else if (type == "cdr_target_ringing" || type == "call_update_info") {
      ASSERT_TRUE(open.contains(event.at("session_id"))) << "what rings belongs to a call that has started";
      auto& call = open.at(event.at("session_id"));
      EXPECT_EQ(event.at("cdr_id"), call.start.at("cdr_id"));
      EXPECT_EQ(event.at("direction"), call.start.at("direction"));
      if (type == "cdr_target_ringing") call.rung.push_back(event.at("destination"));
    } else if (type == "call_cdr") {
      ASSERT_TRUE(open.contains(event.at("session_id"))) << "what ends has started, and ends once";
      end(event, open.at(event.at("session_id")));
      open.erase(event.at("session_id"));
      ++ended;
    }
  }

  static void end(const json& record, const Seen& call) {
    EXPECT_EQ(record.at("call_id"), call.start.at("call_id"));
    EXPECT_EQ(record.at("direction"), call.start.at("direction"));
    EXPECT_EQ(record.at("start_time"), call.start.at("time"));
    EXPECT_EQ(record.at("caller"), user_of(call.start.at("caller")));
    std::vector<std::string> rung;
    for (const auto& target : record.at("call_targets"))
      if (target.at("call_type") == "queue_call" || target.at("ring_time") != target.at("answered_time"))
        rung.push_back(target.at("destination"));
    EXPECT_EQ(rung, call.rung) << "each telephone that rang is a target, in order, and no other";
    times_add_up(record);
    std::int64_t before = number(record.at("start_time"));
    for (const auto& target : record.at("call_targets")) {
      times_add_up(target);
      EXPECT_EQ(target.at("id"), call.start.at("cdr_id"));
      EXPECT_GE(number(target.at("start_time")), before) << "a target begins when the one before has ended, or later";
      before = number(target.at("ended_time"));
    }
    EXPECT_LE(before, number(record.at("ended_time")));
  }

  static void times_add_up(const json& record) {
    const auto started = number(record.at("start_time")), rang = number(record.at("ring_time")),
               answered = number(record.at("answered_time")), ended = number(record.at("ended_time"));
    EXPECT_LE(started, rang);
    EXPECT_LE(rang, ended);
    if (answered != 0) {
      EXPECT_LE(rang, answered);
      EXPECT_LE(answered, ended);
    }
    EXPECT_EQ(number(record.at("ring_duration")), (answered != 0 ? answered : ended) - rang);
    EXPECT_EQ(number(record.at("talk_duration")), answered != 0 ? ended - answered : 0);
    EXPECT_EQ(record.value("call_status", record.value("status", "")), answered != 0 ? "answered" : "noanswer");
  }

  std::map<std::string, Seen> open;
  std::set<std::string> cdr_ids;
  std::size_t ended = 0;
};

TEST_P(ModelProperty, EachCallRecordAddsUp) {
  CallWitness witness;
  run(witness);
  EXPECT_GT(witness.ended, 5'000U);
  std::set<std::string> still_open;
  for (const auto& [serial, call] : model_.open_calls())
    if (call->phase != Call::Phase::planned) still_open.insert(call->session_id);
  while (const auto event = model_.next_of_this_moment())
    if (event->facts.family == Family::cdr) witness.see(event->facts.event_type, json::parse(event->text));
  std::set<std::string> seen_open;
  for (const auto& [session, call] : witness.open) seen_open.insert(session);
  EXPECT_EQ(seen_open, still_open) << "what has not ended is what the model has open";
}

struct TelephoneWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::cdr || family == Family::extension; }

  using Place = std::pair<std::string, std::string>;  ///< tenant and extension

  void see(const std::string& type, const json& event) override {
    const std::string tenant = event.at("tenant_id");
    if (type == "call_start") {
      const std::string caller = event.at("caller");
      if (caller.starts_with("sip:")) calling.insert({tenant, user_of(caller)});
    } else if (type == "cdr_target_ringing") {
      called.insert({tenant, user_of(event.at("destination"))});
    } else if (type == "extension_call") {
      const Place place{tenant, user_of(event.at("extension"))};
      const std::string now = event.at("call_status");
      const auto before = std::exchange(status[place], now);
      if (now == "RINGING") {
        EXPECT_EQ(before, "") << "a telephone rings that is idle";
        EXPECT_TRUE(called.erase(place)) << "a telephone rings for a call";
      } else if (now == "ON_CALL") {
        EXPECT_TRUE(before == "RINGING" || calling.erase(place)) << "it has answered, or has called";
      } else {
        EXPECT_TRUE(before == "RINGING" || before == "ON_CALL") << "it was busy";
      }
    }
  }

  std::map<Place, std::string> status;
  std::set<Place> calling, called;
};

TEST_P(ModelProperty, EachTelephoneThatIsBusyHasItsCall) {
  TelephoneWitness witness;
  run(witness);
}

struct QueueWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::queue; }

  struct Agent {
    std::string state, session;
  };
  struct Queue {
    std::vector<std::string> waiting;  ///< sessions, in order
    std::map<std::string, Agent> agents;
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
    ++reasons[reason];
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
  std::map<std::string, int> reasons;
};

TEST_P(ModelProperty, EachQueueStatusAgreesWithTheCallersAndAgentsSentBefore) {
  QueueWitness witness;
  // At the start everybody is ready, as the snapshot after a subscribe shows.
  for (const auto& tenant : world_.tenants)
    for (const auto& queue : tenant.queues)
      for (const auto& agent : queue->agents) witness.queues[queue->id].agents[agent.extension->number] = {"READY", ""};
  run(witness);
  for (const char* reason : {"enqueue", "agent_answered", "overflow", "hangup", "callback"})
    EXPECT_GT(witness.reasons[reason], 0) << reason;
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

TEST_P(ModelProperty, AnExtensionIsInEachQueueAsTheQueueHasIt) {
  AgentWitness witness;
  run(witness);
}

struct ManagementWitness : Witness {
  bool cares_about(Family family) const override {
    return family == Family::extension_management || family == Family::queue_management || family == Family::extension;
  }

  void see(const std::string& type, const json& event) override {
    const auto name = [&](const char* key) {
      return event.at("tenant_id").get<std::string>() + "/" + event.at(key).get<std::string>();
    };
    if (type == "extension_created") {
      EXPECT_TRUE(extensions.insert(name("extension_number")).second);
    } else if (type == "extension_updated") {
      EXPECT_TRUE(extensions.contains(name("extension_number")));
    } else if (type == "extension_destroyed") {
      EXPECT_TRUE(extensions.erase(name("extension_number")));
    } else if (type == "queue_created") {
      EXPECT_TRUE(queues.insert(name("queue_number")).second);
    } else if (type == "queue_updated") {
      EXPECT_TRUE(queues.contains(name("queue_number")));
    } else if (type == "queue_destroy") {
      EXPECT_TRUE(queues.erase(name("queue_number")));
    } else if (event.contains("extension")) {
      EXPECT_TRUE(extensions.contains(event.at("tenant_id").get<std::string>() + "/" + user_of(event.at("extension"))));
    }
  }

  std::set<std::string> extensions, queues;
};

TEST_P(ModelProperty, NothingIsSaidOfWhatDoesNotExist) {
  ManagementWitness witness;
  for (const auto& tenant : world_.tenants) {
    for (const auto& extension : tenant.extensions) witness.extensions.insert(tenant.id + "/" + extension->number);
    for (const auto& queue : tenant.queues) witness.queues.insert(tenant.id + "/" + queue->number());
  }
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

TEST_P(ModelProperty, AnAgentIsShownWithTheCallerWhoHasWaited) {
  ServedWitness witness;
  run(witness);
  EXPECT_GT(witness.served_back, 0);
}

TEST_P(ModelProperty, NoExtensionIsCalledBackOverATrunk) {
  for (int i = 0; i < events_of_a_run; ++i) {
    ASSERT_TRUE(model_.next());
    for (const auto& [serial, call] : model_.open_calls())
      ASSERT_TRUE(!call->is_call_back() || call->tenant->extension(call->callee.number) == nullptr);
  }
}

TEST_P(ModelProperty, NoCallerWaitsWhileAnAgentIsReadyAndIdle) {
  const auto is_free = [](const Agent& agent) { return agent.state == "READY" && agent.extension->is_idle(); };
  const auto waits = [&](const WaitingCaller& caller) {
    return model_.open_calls().at(caller.serial)->phase != Call::Phase::ringing;
  };
  for (int i = 0; i < events_of_a_run; ++i) {
    ASSERT_TRUE(model_.next());
    for (const auto& tenant : world_.tenants)
      for (const auto& queue : tenant.queues)
        ASSERT_FALSE(std::ranges::any_of(queue->waiting, waits) && std::ranges::any_of(queue->agents, is_free))
            << "queue " << queue->number() << " after event " << i;
  }
}

TEST_P(ModelProperty, TimeNeverGoesBack) {
  constexpr std::string_view key = R"("time":")";
  std::int64_t latest = 0;
  for (int i = 0; i < events_of_a_run; ++i) {
    const auto event = model_.next();
    const auto place = event->text.find(key);
    if (place == event->text.npos) continue;
    const auto time = std::stoll(event->text.substr(place + key.size(), 10));
    ASSERT_GE(time, latest) << event->text;
    latest = time;
  }
  EXPECT_GT(latest, unix_seconds(start));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelProperty, ::testing::Values(2026));

}  // namespace
}  // namespace pbxbridge::sim
