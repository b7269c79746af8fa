#include "state_at_intake.hpp"

#include <chrono>

namespace pbxbridge::intake {
namespace {

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
  EXPECT_EQ(state_rows(), 1U) << "it begins anew";
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
