#include "config/config.hpp"
#include "counted_questions.hpp"
#include "intake/intake.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {
namespace {

using spool::DropReason;

/// Takes everything, and says that there is no room where the test says so.
class FullSpool final : public spool::EventAppender {
 public:
  bool room = true;
  bool is_full = false;
  int asked = 0;
  std::vector<std::string> appended;
  std::vector<std::string> rejected;
  std::vector<std::string> removed;  // entities of derived events

  std::optional<DropReason> append(NewEventPtr& event, spool::Derivation&& derivation) override {
    if (is_full) return DropReason::spool_full;
    note_removed(derivation);
    if (!event) return std::nullopt;
    appended.emplace_back(event->payload());
    event.reset();
    return std::nullopt;
  }
  void set_derive(std::function<spool::Derivation()> derive) override { derive_ = std::move(derive); }
  void expect_derived() override { note_removed(derive_()); }
  void derive_now() override {}
  bool has_room() const override { return room; }
  void ask_for_room() override { ++asked; }
  DropReason reject(const Event& event) override {
    rejected.emplace_back(event.payload());
    return DropReason::overload;
  }

 private:
  void note_removed(const spool::Derivation& derivation) {
    for (const auto& [derived, cause] : derivation.events)
      if (derived->is_removal()) removed.emplace_back(derived->entity());
  }

  std::function<spool::Derivation()> derive_;
};

/// Gaps that a test makes.
class Gaps final : public spool::GapRecord {
 public:
  std::function<void(const spool::Gap&)> on_gap;

  void note_subscribed(const std::string&, spool::SubscribedState, SystemTime) override {}
  void set_on_gap(std::function<void(const spool::Gap&)> callback) override { on_gap = std::move(callback); }
  std::vector<spool::Gap> latest_gaps() const override { return {}; }
};

class IntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* pbx : {"east", "west"}) intake_.add_pbx(pbx, metrics_.pbx(pbx));
  }
  bool receive(const std::string& pbx, const std::string& payload) {
    return intake_.receive(pbx, payload, {.at = std::chrono::system_clock::now(), .connection_epoch = 1});
  }
  static std::shared_ptr<const route::Router> no_routes() {
    config::Report report;
    return route::Router::compile(config::Config(), {}, report);
  }
  static std::shared_ptr<const route::Router> a_route_for(const std::string& family) {
    config::Report report;
    config::Config config;
    config.pbx.push_back({.name = "east"});
    config.routes.push_back(
        {.match = {.conditions = {{"family", {family}, {}}}, .none_of = {}}, .to = {}, .location = {}});
    return route::Router::compile(config, {}, report);
  }
  void set_state(const std::string& pbx, pbx::SessionState state) {
    pbx::SessionStatus status{.state = state, .last_failure = {}, .subscriptions = {}};
    status.subscriptions.push_back(
        {.topic = "cdr_events", .selector = {}, .state = pbx::SubscriptionState::granted, .words = {}});
    intake_.status_changed(pbx, status);
  }
  /// PBX, and state or reason, of each payload that was appended.
  std::vector<std::string> states() const {
    std::vector<std::string> found;
    for (const auto& payload : spool_.appended) {
      const auto document = nlohmann::json::parse(payload);
      found.push_back(document.value("pbx", "") + " " + document.value("state", document.value("reason", "")));
    }
    return found;
  }

  using enum pbx::SessionState;

  FullSpool spool_;
  observe::Log log_{observe::LogFormat::text, [](const std::string&) {}};
  metrics::Metrics metrics_;
  Gaps gaps_;
  CountedQuestions questions_;
  Intake intake_{spool_, &gaps_, no_routes(), log_};
};

TEST_F(IntakeTest, OneThatReadsOnThoughPausedLeavesTheLastRoomToOthers) {
  spool_.room = false;
  EXPECT_FALSE(receive("east", "1")) << "to be paused";
  EXPECT_EQ(spool_.asked, 1) << "or nobody would resume it";
  EXPECT_FALSE(receive("east", "2")) << "it has waited long enough";
  EXPECT_FALSE(receive("west", "3")) << "it could not know";
  EXPECT_FALSE(receive("west", "4"));
  EXPECT_EQ(spool_.appended, (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(spool_.rejected, (std::vector<std::string>{"2", "4"}));
  spool_.room = true;
  EXPECT_TRUE(receive("east", "5"));
  EXPECT_EQ(spool_.appended.back(), "5");
}

TEST_F(IntakeTest, SendsHowPbxbridgeIsWhereARouteTakesItAndItIsNews) {
  using namespace std::chrono_literals;
  const derive::state::SteadyTime begin{100s};
  derive::BridgeStatus status{.lagging_sink = {}, .sinks = 2, .sinks_connected = 2};
  intake_.report_status(status, begin);
  EXPECT_TRUE(spool_.appended.empty()) << "no route takes it";
  intake_.use_routes(a_route_for("bridge"));
  ASSERT_TRUE(intake_.is_status_due(begin));
  intake_.report_status(status, begin);
  ASSERT_EQ(spool_.appended.size(), 1U);
  EXPECT_FALSE(intake_.is_status_due(begin + 29s));
  status.sinks_connected = 1;
  intake_.report_status(status, begin + 29s);
  EXPECT_EQ(spool_.appended.size(), 1U) << "half a minute has not passed";
  intake_.report_status(status, begin + 30s);
  EXPECT_EQ(spool_.appended.size(), 2U);
  for (auto at = begin + 60s; at < begin + 600s; at += 1s) {
    status.lag_events = spool_.appended.size();
    status.spool_events = spool_.appended.size();
    intake_.report_status(status, at);
  }
  EXPECT_EQ(spool_.appended.size(), 2U) << "it waits in the spool itself";
  intake_.stopping();
  EXPECT_FALSE(intake_.is_status_due(begin + 3600s)) << "sinks that are closed now are no news";
}

TEST_F(IntakeTest, OneThatReadsOnForThereWasRoomIsAsGoodAsOneThatWasNotTold) {
  spool_.room = false;
  EXPECT_FALSE(receive("east", "1"));
  intake_.room();
  // Another has taken the room meanwhile.
  EXPECT_FALSE(receive("east", "2"));
  EXPECT_EQ(spool_.appended, (std::vector<std::string>{"1", "2"}));
}

TEST_F(IntakeTest, ANewConnectionWasNotToldAnything) {
  spool_.room = false;
  EXPECT_FALSE(receive("east", "1"));
  intake_.subscribed("east", false, std::chrono::system_clock::now());
  EXPECT_FALSE(receive("east", "2"));
  EXPECT_EQ(spool_.appended, (std::vector<std::string>{"1", "2"}));

  intake_.subscribed("east", true, std::chrono::system_clock::now());
  EXPECT_FALSE(receive("east", "3"));
  EXPECT_EQ(spool_.appended.size(), 2U) << "it came of one subscription before all were answered, and was told";
}

TEST_F(IntakeTest, TellsOfALinkWhenItHasChangedAndNotOtherwise) {
  intake_.use_routes(a_route_for("bridge"));
  spool_.appended.clear();
  set_state("east", disconnected);
  set_state("east", authenticated);
  set_state("east", subscribed);
  set_state("east", subscribed);
  set_state("east", disconnected);
  set_state("west", subscribed);
  EXPECT_THAT(states(), testing::ElementsAre("east lost", "east streaming", "east lost", "west streaming"));
}

TEST_F(IntakeTest, TellsNobodyOfLinksWhereNoRouteNamesThem) {
  intake_.use_routes(a_route_for("*"));
  set_state("east", subscribed);
  gaps_.on_gap({.reason = spool::GapReason::expired});
  EXPECT_TRUE(spool_.appended.empty());
}

TEST_F(IntakeTest, TellsARouteThatComesWithAReload) {
  set_state("east", subscribed);
  EXPECT_TRUE(spool_.appended.empty());
  for (int reload = 0; reload < 2; ++reload) {
    spool_.appended.clear();
    intake_.use_routes(a_route_for("bridge"));
    EXPECT_TRUE(spool_.appended.empty()) << "its sinks come after the routes";
    intake_.report_links();
    intake_.report_links();
    EXPECT_THAT(states(), testing::ElementsAre("east streaming")) << "of west nothing is known yet";
  }
}

TEST_F(IntakeTest, TellsAgainOfALinkThatTheSpoolHadNoRoomFor) {
  intake_.use_routes(a_route_for("bridge"));
  spool_.appended.clear();
  spool_.is_full = true;
  set_state("east", subscribed);
  intake_.report_links();
  spool_.is_full = false;
  intake_.report_links();
  EXPECT_THAT(states(), testing::ElementsAre("east streaming"));
}

/// Extensions 101 and 102 are known, and a new connection names 101 alone.
class IntakeWithState : public IntakeTest {
 protected:
  void SetUp() override {
    IntakeTest::SetUp();
    intake_.use_routes(a_route_for("state"));
    intake_.follow_state(config::StateConfig(), metrics_.state(), {}, questions_);
    connect();
    snapshot("101");
    snapshot("102");
    connect();
    snapshot("101");
    spool_.removed.clear();
  }
  void connect() {
    intake_.subscribed("east", false, {});
    ++epoch_;
    intake_.subscribed("east", true, {});
  }
  void snapshot(const std::string& number) {
    const std::string payload = R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":")" +
                                number + R"(","online":true}]})";
    static_cast<void>(intake_.receive("east", payload, {.at = {}, .connection_epoch = epoch_, .is_snapshot = true}));
  }
  /// Entities that are removed within a minute.
  std::vector<std::string> removed() {
    for (int passed = 0; passed < 2; ++passed) intake_.pass_time({}, now_ += std::chrono::minutes(1));
    return spool_.removed;
  }
  void set_subscription(const std::string& topic, pbx::SubscriptionState state) {
    pbx::SessionStatus status{.state = subscribed, .last_failure = {}, .subscriptions = {}};
    status.subscriptions.push_back({.topic = topic, .selector = {}, .state = state, .words = {}});
    intake_.status_changed("east", status);
  }

  std::uint32_t epoch_ = 0;
  derive::state::SteadyTime now_;
};

TEST_F(IntakeWithState, RemovesWhatNoSnapshotNames) { EXPECT_THAT(removed(), testing::ElementsAre("102")); }

TEST_F(IntakeWithState, RemovesNothingAfterARejectedEvent) {
  spool_.is_full = true;
  snapshot("102");
  spool_.is_full = false;
  EXPECT_THAT(removed(), testing::IsEmpty());
}

TEST_F(IntakeWithState, RemovesNothingAfterAnEventOfAPausedSourceIsRejected) {
  spool_.room = false;
  snapshot("101");
  snapshot("102");
  intake_.room();
  EXPECT_THAT(removed(), testing::IsEmpty());
}

TEST_F(IntakeWithState, RemovesNothingAfterAMessageThatWasTooLarge) {
  intake_.message_dropped("east");
  EXPECT_THAT(removed(), testing::IsEmpty());
}

TEST_F(IntakeWithState, RemovesNothingWhileASourceIsPaused) {
  spool_.room = false;
  snapshot("101");
  EXPECT_THAT(removed(), testing::IsEmpty());
  spool_.room = true;
  intake_.room();
  EXPECT_THAT(removed(), testing::ElementsAre("102"));
}

TEST_F(IntakeWithState, RemovesNothingOfATopicThatWasNotGrantedThroughout) {
  set_subscription("cdr_events", pbx::SubscriptionState::rejected);
  set_subscription("global_extension_events", pbx::SubscriptionState::silent);
  set_subscription("global_extension_events", pbx::SubscriptionState::granted);
  EXPECT_THAT(removed(), testing::IsEmpty());
}

TEST_F(IntakeTest, TellsOfEachGap) {
  intake_.use_routes(a_route_for("bridge"));
  spool_.appended.clear();
  set_state("east", subscribed);
  gaps_.on_gap({.reason = spool::GapReason::disconnected, .pbx = "east"});
  gaps_.on_gap({.reason = spool::GapReason::corrupted});
  EXPECT_THAT(states(), testing::ElementsAre("east streaming", "east disconnected", " corrupted"));
  EXPECT_EQ(nlohmann::json::parse(spool_.appended[1])["topics"], nlohmann::json({"cdr_events"}));
}

}  // namespace
}  // namespace pbxbridge::intake
