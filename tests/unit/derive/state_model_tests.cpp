// The simulated PBX knows how things stand with it. Whatever was missed, restarted or removed: the documents say the
// same.

#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/protocol/quirks.hpp"
#include "simulator/protocol/snapshot.hpp"
#include "simulator/server/model_state.hpp"
#include "state_fixture.hpp"
#include "support/expected_state.hpp"
#include "support/sanitizer.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {
namespace {

using namespace std::chrono_literals;

constexpr int runs = test::is_sanitized ? 10 : 200;
constexpr int events_of_a_run = 600;

/// A PBX, and pbxbridge that follows it with interruptions.
class FollowedPbx {
 public:
  /// `is_untidy`: what is pushed between the snapshots.
  explicit FollowedPbx(std::uint64_t seed, bool is_untidy = false)
      : random_(seed),
        quirks_(seed),
        is_untidy_(is_untidy),
        together_(seed % 4 * 20),
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
    following.derive();
  }
  /// A new connection with what the PBX pushes after the subscribes.
  void connect() {
    while (const auto event = model_.next_of_this_moment()) receive(event->text, false);
    following.fold().watch("hq").subscribed(false);
    ++epoch_;
    for (const auto* topic : {"global_extension_events", "global_queue_events", "global_queue_management_events"})
      for (const auto& payload :
           sim::snapshot(world_, {.topic = sim::find_topic(topic, sim::Dialect::v22)}, "", model_.now()))
        receive(payload, true);
    following.fold().watch("hq").subscribed(true);
    following.derive();
  }
  /// Passes the time after which what was removed unheard is gone, once the snapshots have settled.
  void settle() {
    following.pass_time(model_.now());
    following.pass_time(model_.now() + PbxWatch::settling_time);
    following.derive();
  }

  const sim::World& world() const { return world_; }
  const sim::Model& model() const { return model_; }

  Following following;

 private:
  void receive(const std::string& payload, bool is_snapshot) {
    const Following::From from{.at = model_.now(), .connection_epoch = epoch_, .is_snapshot = is_snapshot};
    if (std::uniform_int_distribution<std::uint64_t>(0, together_)(random_) > 0)
      following.receive_with_next(payload, from);
    else
      following.receive(payload, from);
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
  std::uint64_t together_;  // events from which something is derived at once, on average
  sim::World world_{sim::default_installation().tenants};
  sim::Model model_;
  std::uint32_t epoch_ = 0;
};

/// All but calls.
std::string difference_from_the_model(const FollowedPbx& pbx) {
  std::vector<nlohmann::json> state;
  for (const auto& part : sim::model_state(pbx.world(), pbx.model())) state.push_back(nlohmann::json::parse(part));
  test::ExpectedDocuments found;
  for (const auto& [key, payload] : pbx.following.documents) {
    const auto document = nlohmann::json::parse(payload);
    const std::string type = document.at("event_type");
    if (type == "state_call") continue;
    found[test::key_of_document(document.at("tenant"), type, key.substr(key.rfind(' ') + 1))] = document;
  }
  return test::difference(test::expected_documents(state), found);
}

TEST(StateOfAPbx, IsThatOfTheModelAfterGapsRestartsAndRemovals) {
  for (int seed = 1; seed <= runs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowedPbx pbx(static_cast<std::uint64_t>(seed));
    pbx.follow(events_of_a_run);
    pbx.connect();
    pbx.settle();
    ASSERT_EQ(difference_from_the_model(pbx), "");
  }
}

TEST(StateOfAPbx, IsTheSameForWhoReadsTheDocumentsAndWhoReadsTheRows) {
  for (int seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FollowedPbx pbx(static_cast<std::uint64_t>(seed));
    pbx.follow(events_of_a_run);
    pbx.following.derive();
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
        EXPECT_TRUE(open.contains(Json::parse(document).at("session"))) << document << " has ended";
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

TEST(StateOfAPbx, HasTheTotalsOfTheModelWhereNothingWasMissed) {
  FollowedPbx pbx(1);
  pbx.follow_without_interruption(3h);
  int queues = 0;
  for (const auto& text : sim::model_state(pbx.world(), pbx.model())) {
    const auto totals = Json::parse(text);
    if (totals.at("event_type") != "queue_totals") continue;
    const auto document = pbx.following.document("queue", totals.at("queue_id"), totals.at("tenant_id"));
    for (const char* name : {"entered", "answered", "abandoned", "overflowed", "called_back", "sla_breached"})
      EXPECT_EQ(document.value(name, -1), totals.at(name)) << name << " of " << document;
    if (document.value("entered", 0) > 0) ++queues;
  }
  EXPECT_GT(queues, 3);
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
    ASSERT_EQ(difference_from_the_model(pbx), "");
  }
}

}  // namespace
}  // namespace pbxbridge::derive::state
