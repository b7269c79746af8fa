// The simulated PBX knows how things stand with it. Whatever was missed, restarted or removed: the documents say the
// same.

#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/protocol/quirks.hpp"
#include "simulator/protocol/snapshot.hpp"
#include "simulator/server/model_state.hpp"
#include "state_fixture.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace pbxbridge::derive::state {
namespace {

using namespace std::chrono_literals;

constexpr int runs = 200;
constexpr int events_of_a_run = 600;

/// A PBX, and pbxbridge that follows it with interruptions.
class FollowedPbx {
 public:
  /// `is_untidy`: what is pushed between the snapshots.
  explicit FollowedPbx(std::uint64_t seed, bool is_untidy = false)
      : random_(seed),
        quirks_(seed),
        is_untidy_(is_untidy),
        model_(world_, seed, sim::time_of_seconds(noon_seconds), sim::Dialect::v22) {
    connect();
  }

  void follow(int events) {
    for (int i = 0; i < events; ++i) {
      const auto event = model_.next();
      receive(is_untidy_ ? quirks_.apply(event->text) : event->text, false);
      maybe_interrupt();
    }
  }
  void follow_without_interruption(sim::Duration time) {
    const auto end = model_.now() + time;
    while (const auto event = model_.next(end)) {
      receive(event->text, false);
      following.pass_time(model_.now());
    }
  }
  /// A new connection with what the PBX pushes after the subscribes.
  void connect() {
    while (const auto event = model_.next_of_this_moment()) receive(event->text, false);
    following.fold().subscribed("hq", false, model_.now());
    ++epoch_;
    for (const auto* topic : {"global_extension_events", "global_queue_events", "global_queue_management_events"})
      for (const auto& payload :
           sim::snapshot(world_, {.topic = sim::find_topic(topic, sim::Dialect::v22)}, "", model_.now()))
        receive(payload, true);
    following.fold().subscribed("hq", true, model_.now());
  }
  /// What was removed while nobody listened is gone once the snapshots have settled.
  void settle() { following.pass_time(model_.now() + PbxWatch::settling_time); }

  const sim::World& world() const { return world_; }
  const sim::Model& model() const { return model_; }

  Following following;

 private:
  void receive(const std::string& payload, bool is_snapshot) {
    following.receive(payload, {.at = model_.now(), .connection_epoch = epoch_, .is_snapshot = is_snapshot});
  }
  void maybe_interrupt() {
    const auto dice = std::uniform_int_distribution<int>(0, 200)(random_);
    if (dice > 2) return;
    for (int missed = std::uniform_int_distribution<int>(0, 150)(random_); missed > 0; --missed) model_.next();
    while (model_.next_of_this_moment()) continue;
    if (dice == 0) {
      following.restart();
      epoch_ = 0;
    }
    connect();
    if (dice == 1) settle();
  }

  std::mt19937_64 random_;
  sim::Quirks quirks_;
  bool is_untidy_;
  sim::World world_{sim::default_installation().tenants};
  sim::Model model_;
  std::uint32_t epoch_ = 0;
};

void expect_extension(const Json& status, const std::string& tenant, const Json& document) {
  const std::string address = status.at("extension");
  const std::string number = address.substr(4, address.find('@') - 4);
  const Json expected = {{"tenant", tenant},
                         {"extension", number},
                         {"extension_id", status.at("extension_id")},
                         {"online", status.at("online")},
                         {"push_online", status.at("push_online")},
                         {"presence", status.at("presence")},
                         {"presence_note", status.at("presence_note")},
                         {"call_status", status.at("call_status")}};
  for (const auto& [name, value] : expected.items()) EXPECT_EQ(document.value(name, Json()), value) << document;
}

void expect_agents(const Following& following, const Json& status, std::set<std::string>& expected) {
  std::map<std::string, int> by_state;
  for (const auto& agent : status.at("agents")) {
    const std::string entity =
        status.at("queue_id").get<std::string>() + "." + agent.at("agent_extension_number").get<std::string>();
    expected.insert("hq " + status.at("tenant_id").get<std::string>() + " agent " + entity);
    const auto document = following.document("agent", entity, status.at("tenant_id"));
    std::string state = agent.at("state");
    std::ranges::transform(state, state.begin(), [](char each) { return static_cast<char>(std::tolower(each)); });
    if (state == "online") state = "logged_out";
    ++by_state[state];
    EXPECT_EQ(document.value("state", ""), state) << entity;
    EXPECT_EQ(document.value("session", "none"), agent.at("session_id")) << entity;
    EXPECT_EQ(std::to_string(document.value("since", 0)), agent.at("timestamp")) << entity;
  }
  const auto queue = following.document("queue", status.at("queue_id"), status.at("tenant_id"));
  for (const char* state : {"ready", "queue_call", "wrap_up", "other_call", "not_ready", "logged_out", "offline"})
    EXPECT_EQ(queue.value("agents_" + std::string(state), -1), by_state[state]) << queue;
}

void expect_queue(const Following& following, const Json& status, std::set<std::string>& expected) {
  expected.insert("hq " + status.at("tenant_id").get<std::string>() + " queue " +
                  status.at("queue_id").get<std::string>());
  const auto document = following.document("queue", status.at("queue_id"), status.at("tenant_id"));
  int waiting = 0;
  int callbacks = 0;
  Seconds longest = 0;
  for (const auto& caller : status.at("waiting_list")) {
    ++(caller.at("type") == "callback" ? callbacks : waiting);
    const Seconds since = std::stoll(caller.at("timestamp").get<std::string>());
    if (caller.at("type") != "callback" && (longest == 0 || since < longest)) longest = since;
  }
  EXPECT_EQ(document.value("waiting", -1), waiting);
  EXPECT_EQ(document.value("callbacks", -1), callbacks);
  EXPECT_EQ(document.value("longest_wait_since", -1), longest);
  EXPECT_EQ(document.value("queue_number", ""), status.at("queue_number"));
  EXPECT_EQ(document.value("name", ""), status.at("queue_name"));
  expect_agents(following, status, expected);
}

/// All but calls.
void expect_state_of_the_model(const FollowedPbx& pbx) {
  std::set<std::string> expected;
  for (const auto& text : sim::model_state(pbx.world(), pbx.model())) {
    const auto part = Json::parse(text);
    if (part.at("event_type") == "queue_status") expect_queue(pbx.following, part, expected);
    if (part.at("event_type") != "extension_status") continue;
    const std::string tenant = part.at("tenant_id");
    for (const auto& status : part.at("status")) {
      const std::string address = status.at("extension");
      const std::string number = address.substr(4, address.find('@') - 4);
      expected.insert("hq " + tenant + " extension " + number);
      expect_extension(status, tenant, pbx.following.document("extension", number, tenant));
    }
  }
  std::set<std::string> found;
  for (const auto& [key, document] : pbx.following.documents)
    if (key.find(" session ") == std::string::npos) found.insert(key);
  EXPECT_EQ(found, expected) << "no document is missing, and none is left over";
}

TEST(StateOfAPbx, IsThatOfTheModelAfterGapsRestartsAndRemovals) {
  for (int seed = 1; seed <= runs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowedPbx pbx(static_cast<std::uint64_t>(seed));
    pbx.follow(events_of_a_run);
    pbx.connect();
    pbx.settle();
    expect_state_of_the_model(pbx);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(StateOfAPbx, IsTheSameForWhoReadsTheDocumentsAndWhoReadsTheRows) {
  for (int seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowedPbx pbx(static_cast<std::uint64_t>(seed));
    pbx.follow(events_of_a_run);
    Following again;
    again.rows = pbx.following.rows;
    again.restart();
    EXPECT_EQ(again.fold().tables().bytes(), pbx.following.fold().tables().bytes());
    std::size_t documents = again.fold().tables().calls().size();
    for (const auto& [name, extension] : again.fold().tables().extensions())
      documents += extension.row.is_known ? 1 : 0;
    for (const auto& [name, queue] : again.fold().tables().queues())
      documents += queue.row.is_shown() ? 1 + queue.agents.size() : 0;
    EXPECT_EQ(documents, pbx.following.documents.size());
  }
}

TEST(StateOfAPbx, HasTheCallsThatAreOpenOnceOrphansAreClosed) {
  for (int seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowedPbx pbx(static_cast<std::uint64_t>(seed));
    pbx.follow(events_of_a_run);
    pbx.connect();
    const auto connected_at = pbx.model().now();
    pbx.follow_without_interruption(11min);
    std::map<std::string, const sim::Call*> open;
    for (const auto& [serial, call] : pbx.model().open_calls())
      if (call->phase != sim::Call::Phase::planned) open.emplace(call->session_id, call.get());
    for (const auto& [key, document] : pbx.following.documents)
      if (key.find(" session ") != std::string::npos) {
        EXPECT_TRUE(open.contains(document.at("session"))) << document << " has ended";
      }
    for (const auto& [session, call] : open) {
      if (call->started < connected_at) continue;
      const auto document = pbx.following.document("session", session, call->tenant->id);
      EXPECT_EQ(document.value("caller", ""), call->caller.number);
      EXPECT_EQ(document.value("callee", ""), call->callee.number);
      EXPECT_EQ(document.value("direction", ""), call->direction);
      EXPECT_EQ(document.value("started", 0), sim::unix_seconds(call->started));
    }
  }
}

TEST(StateOfAPbx, IsNotSentAgainByASnapshotThatBringsNothingNew) {
  FollowedPbx pbx(1);
  for (int i = 0; i < 20; ++i) {
    pbx.follow(100);
    pbx.connect();
    const auto changes = pbx.following.changes;
    pbx.connect();
    EXPECT_EQ(pbx.following.changes, changes);
  }
}

TEST(StateOfAPbx, IsThatOfTheModelAfterUntidyEvents) {
  for (int seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowedPbx pbx(static_cast<std::uint64_t>(seed), true);
    pbx.follow(events_of_a_run);
    pbx.connect();
    pbx.settle();
    expect_state_of_the_model(pbx);
  }
}

}  // namespace
}  // namespace pbxbridge::derive::state
