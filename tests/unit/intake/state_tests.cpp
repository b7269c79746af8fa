#include "state_at_intake.hpp"

#include <chrono>

namespace pbxbridge::intake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StateAtIntake, GoesToTheSpoolWithItsCause) {
  begin("state_*");
  receive(call("ON_CALL"));
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call state_extension", "extension_call"));
  EXPECT_EQ(state_rows(), 1U);
}

TEST_F(StateAtIntake, IsNotFollowedWhereNoRouteTakesIt) {
  begin("*");
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call"));
  EXPECT_THAT(spool_.rows, IsEmpty());
}

TEST_F(StateAtIntake, HasTheDocumentsThatARouteTakes) {
  begin("state_queue");
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call"));
}

TEST_F(StateAtIntake, IsThatBeforeWhereTheSpoolTakesNothing) {
  begin("state_*");
  receive(call("ON_CALL"));
  spool_.is_full = true;
  receive(call(""));
  spool_.is_full = false;
  spool_.appended.clear();
  receive(call("ON_CALL"));
  receive(call(""));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call", "extension_call state_extension"));
}

TEST_F(StateAtIntake, OfManyEventsIsDerivedTogetherAsLongAsItIsLittle) {
  begin("state_*");
  spool_.derives_later = true;
  receive(call("ON_CALL"));
  receive(call("RINGING"));
  EXPECT_THAT(spool_.documents, IsEmpty());
  std::string many = R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":"1"})";
  for (int number = 0; number < 5000; ++number)
    many += R"(,{"extension":")" + std::to_string(10'000 + number) + R"(","online":true})";
  receive(many + "]}");
  EXPECT_EQ(spool_.documents.size(), 5001U) << "what is not derived counts for no bound";
}

TEST_F(StateAtIntake, IsDerivedBeforeItEndsOrIsSwitchedOff) {
  begin("state_*");
  spool_.derives_later = true;
  receive(call("ON_CALL"));
  intake_->use_routes(a_route_for("*"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call state_extension"));
  EXPECT_THAT(spool_.rows, IsEmpty());
  begin("state_*");
  receive(call("RINGING"));
  intake_.reset();
  EXPECT_EQ(state_rows(), 1U);
}

TEST_F(StateAtIntake, GoesOnAfterARestart) {
  begin("state_*");
  receive(call("ON_CALL"));
  begin("state_*");
  spool_.appended.clear();
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call"));
}

TEST_F(StateAtIntake, OfAnEarlierStartIsRemovedWhereNobodyWantsIt) {
  begin("state_*");
  receive(call("ON_CALL"));
  begin("*");
  EXPECT_THAT(spool_.rows, IsEmpty());
}

TEST_F(StateAtIntake, ComesAndGoesWithTheRoutes) {
  begin("*");
  intake_->use_routes(a_route_for("state_*"));
  receive(call("ON_CALL"));
  EXPECT_EQ(state_rows(), 1U);
  spool_.is_full = true;
  intake_->use_routes(a_route_for("*"));
  intake_->use_routes(a_route_for("state_*"));
  spool_.is_full = false;
  spool_.appended.clear();
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call")) << "the rows of before are still there";
  pass_time();
  EXPECT_EQ(state_rows(), 0U);
  receive(call("RINGING"));
  EXPECT_EQ(state_rows(), 1U) << "it begins again";
}

TEST_F(StateAtIntake, IsAskedForOnceMoreAfterEventsWereLost) {
  begin("state_*");
  EXPECT_EQ(asked_within(2min), 0);
  lose_an_event();
  EXPECT_EQ(asked_within(1s), 0) << "more may be lost";
  EXPECT_EQ(asked_within(10min), 1);
}

TEST_F(StateAtIntake, IsAskedForOnceTheSpoolHasRoom) {
  begin("state_*");
  lose_an_event();
  spool_.is_nearly_full = true;
  EXPECT_EQ(asked_within(5min), 0);
  spool_.is_nearly_full = false;
  EXPECT_EQ(asked_within(1s), 1);
}

TEST_F(StateAtIntake, IsAskedForLessAndLessOftenWhileEventsAreLost) {
  begin("state_*");
  const auto losing = [this](std::chrono::minutes time) {
    int asked = 0;
    for (std::chrono::seconds passed{0}; passed < time; passed += 10s) {
      lose_an_event();
      asked += asked_within(10s);
    }
    return asked;
  };
  EXPECT_EQ(losing(1min), 1);
  EXPECT_THAT(losing(59min), testing::AllOf(testing::Ge(4), testing::Le(6)));
  EXPECT_LE(losing(std::chrono::hours(10)), 11);
  asked_within(std::chrono::hours(3));
  lose_an_event();
  EXPECT_EQ(asked_within(1min), 1) << "after a calm it is asked for at once";
}

TEST_F(StateAtIntake, IsAskedForWhereItIsFollowedFromNowOn) {
  begin("*");
  intake_->subscribed("hq", true, {});
  EXPECT_EQ(asked_within(1min), 0);
  intake_->use_routes(a_route_for("state_*"));
  EXPECT_EQ(asked_within(5s), 1);
  intake_->use_routes(a_route_for("state_queue"));
  EXPECT_EQ(asked_within(1h), 0);
}

TEST_F(StateAtIntake, IsNotAskedForWhereAReconnectBringsIt) {
  begin("state_*");
  lose_an_event();
  intake_->subscribed("hq", false, {});
  intake_->subscribed("hq", true, {});
  EXPECT_EQ(asked_within(5min), 0);
}

TEST_F(StateAtIntake, IsAskedForAfterAMessageThatIsTooLarge) {
  begin("state_*");
  asked_within(1min);
  intake_->message_dropped("hq");
  EXPECT_EQ(asked_within(5min), 1);
}

TEST_F(StateAtIntake, IsNotAskedForInVainWhereSnapshotsAreTooLarge) {
  begin("state_*");
  intake_->subscribed("hq", true, {});
  intake_->message_dropped("hq");
  EXPECT_EQ(asked_within(1min), 0);
  lose_an_event();
  EXPECT_EQ(asked_within(3s), 1);
  intake_->message_dropped("hq");
  EXPECT_EQ(asked_within(std::chrono::hours(2)), 0);
}

TEST_F(StateAtIntake, OfCallsIsAskedForAfterAGap) {
  begin("state_call");
  receive(R"({"event_type":"call_start","session_id":"7","tenant_id":"1"})");
  intake_->subscribed("hq", false, {});
  pass_time();
  EXPECT_THAT(questions_.for_list[pbx::RestList::sessions], IsEmpty());
  intake_->subscribed("hq", true, {});
  for (int i = 0; i < 3; ++i) pass_time();
  ASSERT_EQ(questions_.for_list[pbx::RestList::sessions].size(), 1U);
  spool_.appended.clear();
  questions_.for_list[pbx::RestList::sessions].front()({});
  pass_time();
  EXPECT_EQ(spool_.documents.count("state_call 7"), 0U);
}

TEST_F(StateAtIntake, OfCallsIsAskedForAfterALossOnceMoreIsTaken) {
  begin("state_call");
  intake_->subscribed("hq", true, {});
  receive(R"({"event_type":"call_start","session_id":"7","tenant_id":"1"})");
  lose_an_event();
  asked_within(1s);
  EXPECT_THAT(questions_.for_list[pbx::RestList::sessions], IsEmpty());
  asked_within(5s);
  EXPECT_EQ(questions_.for_list[pbx::RestList::sessions].size(), 1U);
}

TEST_F(StateAtIntake, IsAskedForByAListWhereNoSnapshotComes) {
  begin("state_*");
  receive(call("ON_CALL"));
  intake_->subscribed("hq", false, {});
  intake_->subscribed("hq", true, {});
  asked_within(10s);
  EXPECT_THAT(questions_.for_list, IsEmpty());
  asked_within(1min);
  ASSERT_EQ(questions_.for_list[pbx::RestList::users].size(), 1U);
  EXPECT_THAT(questions_.for_list[pbx::RestList::call_queues], IsEmpty()) << "there is none that could be gone";
  spool_.appended.clear();
  questions_.for_list[pbx::RestList::users].front()({});
  asked_within(1s);
  EXPECT_THAT(spool_.appended, ElementsAre(" -state_extension"));
}

TEST_F(StateAtIntake, IsNotAskedForWhereNobodyFollowsIt) {
  begin("*");
  lose_an_event();
  EXPECT_EQ(asked_within(5min), 0);
}

TEST_F(StateAtIntake, OfAPbxThatIsGoneIsRemoved) {
  begin("state_*");
  receive(call("ON_CALL"));
  spool_.appended.clear();
  intake_->remove_pbx("hq");
  spool_.is_full = true;
  pass_time();
  spool_.is_full = false;
  pass_time();
  EXPECT_THAT(spool_.appended, ElementsAre(" -state_extension"));
  EXPECT_EQ(state_rows(), 0U);
}

}  // namespace
}  // namespace pbxbridge::intake
