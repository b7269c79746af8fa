// State that stays true when routes, sinks, settings or subscriptions change.

#include "state_at_intake.hpp"

#include <algorithm>
#include <chrono>

namespace pbxbridge::intake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string status(int extensions) {
  std::string payload = R"({"event_type":"extension_status","tenant_id":"1","status":[)";
  for (int number = 0; number < extensions; ++number)
    payload += (number == 0 ? R"({"extension":")" : R"(,{"extension":")") + std::to_string(1000 + number) +
               R"(","online":true})";
  return payload + "]}";
}

std::string queue(const std::string& number) {
  return R"({"event_type":"queue_status","tenant_id":"1","queue_id":"7)" + number + R"(","queue_number":")" + number +
         R"(","waiting_list":[],"agents":[{"state":"READY","agent_extension_number":"101"}]})";
}

const std::string a_call =
    R"({"event_type":"call_start","session_id":"5","tenant_id":"1","caller":"1555","callee":"101"})";

class ChangedStateAtIntake : public StateAtIntake {
 protected:
  /// One of each type of document, each as one commit in `appended`.
  void receive_all() {
    receive(call("ON_CALL"));
    receive(queue("8001"));
    receive(a_call);
    spool_.appended.clear();
    spool_.documents.clear();
  }
  std::vector<std::string> documents() const {
    std::vector<std::string> names;
    for (const auto& [name, payload] : spool_.documents) names.push_back(name);
    return names;
  }
  void use(const std::shared_ptr<const route::Router>& router) {
    spool_.appended.clear();
    intake_->use_routes(router);
    pass_time();
  }
  auto all_documents() const {
    return ElementsAre("state_agent 78001.101", "state_call 5", "state_extension 101", "state_queue 78001");
  }
};

TEST_F(ChangedStateAtIntake, ATypeThatBecomesWantedIsSentAtOnce) {
  begin("state_call");
  receive_all();
  use(a_route_for("state_*"));
  EXPECT_THAT(documents(), all_documents());
}

TEST_F(ChangedStateAtIntake, AnotherTopicHasAllDocuments) {
  begin("state_*");
  receive_all();
  use(a_route_for("state_*", "other"));
  EXPECT_THAT(documents(), all_documents());
}

TEST_F(ChangedStateAtIntake, AnotherBrokerHasAllDocuments) {
  begin("state_*");
  receive_all();
  use(a_route_for("state_*", "t", "mqtt://b"));
  EXPECT_THAT(documents(), all_documents());
}

TEST_F(ChangedStateAtIntake, ATopicThatWasLeftForAWhileHasAllDocuments) {
  begin("state_*");
  receive_all();
  spool_.is_nearly_full = true;
  use(a_route_for("state_*", "other"));
  use(a_route_for("state_*"));
  spool_.is_nearly_full = false;
  pass_time();
  EXPECT_THAT(documents(), all_documents());
}

TEST_F(ChangedStateAtIntake, ATopicThatWasLeftForAWhileHasAllDocumentsAfterRestarts) {
  begin("state_*");
  receive_all();
  spool_.is_nearly_full = true;
  begin_with(a_route_for("state_*", "other"));
  spool_.is_nearly_full = false;
  begin("state_*");
  EXPECT_THAT(documents(), all_documents());
}

TEST_F(ChangedStateAtIntake, NothingIsSentAgainWhereNothingHasChangedForIt) {
  begin("state_*");
  receive_all();
  use(a_route_for("state_*"));
  EXPECT_THAT(spool_.appended, IsEmpty());
  begin("state_*");
  EXPECT_THAT(spool_.appended, IsEmpty()) << "after a restart neither";
}

TEST_F(ChangedStateAtIntake, ARestartWithOtherRoutesSendsAllAgainOnce) {
  begin("state_*");
  receive_all();
  begin_with(a_route_for("state_*", "other"));
  EXPECT_THAT(documents(), all_documents());
  spool_.appended.clear();
  begin_with(a_route_for("state_*", "other"));
  EXPECT_THAT(spool_.appended, IsEmpty());
}

TEST_F(ChangedStateAtIntake, IsSentAgainInSteps) {
  begin("state_*");
  receive(status(1000));
  spool_.documents.clear();
  intake_->use_routes(a_route_for("state_*", "other"));
  EXPECT_THAT(spool_.documents, IsEmpty()) << "a reload itself takes no longer for it";
  for (std::size_t sent = 0; sent < 1000; sent = spool_.documents.size()) {
    intake_->pass_time(std::chrono::system_clock::now(), std::chrono::steady_clock::now());
    ASSERT_GT(spool_.documents.size(), sent);
    ASSERT_LE(spool_.documents.size(), sent + 256);
  }
}

TEST_F(ChangedStateAtIntake, WaitsWithItUntilTheSpoolHasRoom) {
  begin("state_*");
  receive(status(1000));
  spool_.documents.clear();
  intake_->use_routes(a_route_for("state_*", "other"));
  intake_->pass_time(std::chrono::system_clock::now(), std::chrono::steady_clock::now());
  spool_.is_nearly_full = true;
  pass_time();
  EXPECT_EQ(spool_.documents.size(), 256U) << "the room that is left is for the events of the PBX";
  spool_.is_nearly_full = false;
  spool_.is_full = true;
  pass_time();
  spool_.is_full = false;
  pass_time();
  EXPECT_EQ(spool_.documents.size(), 1000U);
}

TEST_F(ChangedStateAtIntake, GoesOnWithItAfterARestart) {
  begin("state_*");
  receive(status(1000));
  intake_->use_routes(a_route_for("state_*", "other"));
  intake_->pass_time(std::chrono::system_clock::now(), std::chrono::steady_clock::now());
  spool_.documents.clear();
  begin_with(a_route_for("state_*", "other"));
  EXPECT_EQ(spool_.documents.size(), 1000U);
}

TEST_F(ChangedStateAtIntake, SendsAllAgainOnDemand) {
  begin("state_*");
  receive_all();
  EXPECT_EQ(intake_->republish(), 4U);
  pass_time();
  EXPECT_THAT(documents(), all_documents());
  begin("state_queue");
  receive(queue("8002"));
  EXPECT_EQ(intake_->republish(), 2U) << "what is wanted";
  begin("*");
  EXPECT_EQ(intake_->republish(), 0U);
}

TEST_F(ChangedStateAtIntake, NumbersThatAreNotWantedAnyMoreGo) {
  const auto expect_no_numbers = [&] {
    EXPECT_THAT(spool_.documents["state_call 5"], HasSubstr(R"("session":"5")"));
    for (const auto& [name, payload] : spool_.documents) EXPECT_THAT(payload, Not(HasSubstr("1555")));
    for (const auto& [key, row] : spool_.rows) EXPECT_THAT(row, Not(HasSubstr("1555")));
  };
  begin("state_*");
  receive_all();
  settings_.numbers = false;
  intake_->use_state_settings(settings_);
  spool_.is_full = true;
  use(a_route_for("state_*"));
  spool_.is_full = false;
  pass_time();
  expect_no_numbers();
  spool_.appended.clear();
  pass_time();
  EXPECT_THAT(spool_.appended, IsEmpty()) << "once";
}

TEST_F(ChangedStateAtIntake, NumbersGoAfterARestart) {
  begin("state_*");
  receive_all();
  settings_.numbers = false;
  spool_.is_full = true;
  begin("state_*");
  spool_.is_full = false;
  pass_time();
  EXPECT_THAT(spool_.documents["state_call 5"], Not(HasSubstr("caller")));
  for (const auto& [key, row] : spool_.rows) EXPECT_THAT(row, Not(HasSubstr("1555")));
}

TEST_F(ChangedStateAtIntake, UnreadableRowsAreRemovedOnceTheSpoolTakesThat) {
  begin("state_*");
  receive_all();
  for (auto& [key, row] : spool_.rows) row = "\x07";
  spool_.is_full = true;
  begin("state_*");
  spool_.is_full = false;
  receive(call("ON_CALL"));
  pass_time();
  EXPECT_EQ(state_rows(), 1U) << "that of the extension, which was made again meanwhile";
  EXPECT_THAT(documents(), ElementsAre("state_extension 101"));
}

class DroppedSubscriptions : public ChangedStateAtIntake {
 protected:
  void subscribe(std::vector<config::SubscribeConfig> subscriptions) {
    config::PbxConfig pbx;
    pbx.name = "hq";
    pbx.subscribe = std::move(subscriptions);
    intake_->use_subscriptions(pbx);
  }
  static config::SubscribeConfig topic(const std::string& name, const std::vector<std::string>& queues = {},
                                       const std::vector<std::string>& tenants = {}) {
    config::SubscribeConfig subscription;
    subscription.topic = name;
    subscription.queues = queues;
    subscription.tenants = tenants;
    return subscription;
  }
};

TEST_F(DroppedSubscriptions, OfWhatThePbxPushesAllTheSameDoNotOccupyTheBridgeForEver) {
  begin("state_*");
  subscribe({topic("queue_events")});
  bool has_more = true;
  for (std::chrono::seconds passed{0}; passed < 70s; ++passed) {
    receive(call(passed.count() % 2 == 0 ? "RINGING" : "ON_CALL"));
    has_more = intake_->pass_time(std::chrono::system_clock::now(), std::chrono::steady_clock::now() + passed);
  }
  EXPECT_FALSE(has_more);
  EXPECT_THAT(documents(), ElementsAre("state_extension 101"));
}

TEST_F(DroppedSubscriptions, OfATopicRemoveWhatItTold) {
  begin("state_*");
  subscribe({topic("extension_events"), topic("queue_events"), topic("cdr_events")});
  receive(call("ON_CALL"));
  receive(queue("8001"));
  receive(a_call);
  pass_time();
  EXPECT_THAT(documents(), all_documents());
  subscribe({topic("extension_events"), topic("queue_management_events"), topic("cdr_events")});
  pass_time();
  EXPECT_THAT(documents(), ElementsAre("state_call 5", "state_extension 101"));
  subscribe({topic("queue_events"), topic("extension_management_events")});
  pass_time();
  EXPECT_THAT(documents(), IsEmpty());
}

TEST_F(DroppedSubscriptions, OfATopicCountAfterARestart) {
  begin("state_*");
  receive(call("ON_CALL"));
  receive(queue("8001"));
  begin("state_*");
  subscribe({topic("extension_events")});
  pass_time();
  EXPECT_THAT(documents(), ElementsAre("state_extension 101"));
}

TEST_F(DroppedSubscriptions, OfASelectorRemoveWhatItSelected) {
  begin("state_*");
  subscribe({topic("queue_events", {"8001", "8002"})});
  receive(queue("8001"));
  receive(queue("8002"));
  subscribe({topic("queue_events", {"8002"})});
  pass_time();
  EXPECT_THAT(documents(), ElementsAre("state_agent 78002.101", "state_queue 78002"));
  receive(queue("8001"));
  pass_time(1s);
  EXPECT_THAT(documents(), ElementsAre("state_agent 78002.101", "state_queue 78002"))
      << "that event was on its way already";
}

TEST_F(DroppedSubscriptions, OfATenantRemoveWhatItHad) {
  begin("state_*");
  subscribe({topic("global_queue_events", {}, {"1", "2"}), topic("global_extension_events", {}, {"1"})});
  receive(queue("8001"));
  receive(call("ON_CALL"));
  subscribe({topic("global_queue_events", {}, {"2"}), topic("global_extension_events", {}, {"1"})});
  pass_time();
  EXPECT_THAT(documents(), ElementsAre("state_extension 101"));
}

TEST_F(DroppedSubscriptions, AreTakenForSureOnly) {
  begin("state_*");
  subscribe({topic("global_queue_events", {}, {"by-another-name"})});
  receive(queue("8001"));
  subscribe({topic("global_queue_events", {}, {"by-another-name", "2"})});
  pass_time();
  EXPECT_EQ(documents().size(), 2U) << "events name the tenant in another way";
  subscribe({topic("a_topic_of_tomorrow")});
  pass_time();
  EXPECT_EQ(documents().size(), 2U);
}

TEST_F(StateAtIntake, HasNoRowsInTheMetricsOnceItIsOff) {
  const auto rows = [&] {
    intake_->update_metrics();
    const auto text = metrics_.text();
    const std::string name = "pbxbridge_state_rows{table=\"extension\"} ";
    return text.substr(text.find(name) + name.size(), 1);
  };
  begin("state_*");
  receive(call("ON_CALL"));
  EXPECT_EQ(rows(), "1");
  intake_->use_routes(a_route_for("*"));
  EXPECT_EQ(rows(), "0");
}

TEST_F(StateAtIntake, LogsAgainThatATableIsFullOnceItHadRoom) {
  settings_.max_calls = 1;
  const auto other_call = R"({"event_type":"call_start","session_id":"6","tenant_id":"1"})";
  begin("state_*");
  receive(a_call);
  receive(other_call);
  pass_time();
  receive(other_call);
  pass_time();
  EXPECT_EQ(times_full_, 1);
  receive(R"({"event_type":"call_cdr","session_id":"5","tenant_id":"1"})");
  pass_time();
  receive(R"({"event_type":"call_start","session_id":"7","tenant_id":"1"})");
  receive(R"({"event_type":"call_start","session_id":"8","tenant_id":"1"})");
  pass_time();
  EXPECT_EQ(times_full_, 2);
}

}  // namespace
}  // namespace pbxbridge::intake
