// Calls of whose end nothing may have been heard.

#include "state_in_time.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::derive::state {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StateInTime, ACallThatIsNotSeenAfterAGapIsClosed) {
  receive(call("call_start", "lost"));
  receive(call("call_start", "kept"));
  connect(noon + 60s);
  subscribed();
  EXPECT_THAT(receive(call("call_update_info", "kept")), IsEmpty());
  receive(call("call_start", "new"));
  EXPECT_THAT(following_.pass_time(at_ + 9min + 59s), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 10min), ElementsAre("state_call", "-state_call"));
  EXPECT_EQ(following_.documents.size(), 2U);
  EXPECT_EQ(following_.document("session", "lost"), Json());
  EXPECT_THAT(following_.pass_time(at_ + 20min), IsEmpty()) << "once";
}

TEST_F(StateInTime, ACallThatThePbxDoesNotListIsClosedAtOnce) {
  receive(call("call_start", "lost"));
  receive(call("call_start", "kept"));
  EXPECT_EQ(following_.fold().take_calls_in_doubt("hq"), std::nullopt);
  connect(noon + 60s);
  EXPECT_EQ(following_.fold().take_calls_in_doubt("hq"), std::nullopt) << "one that ends now is not heard";
  subscribed();
  receive(call("call_start", "new"));
  const auto before = following_.fold().take_calls_in_doubt("hq");
  ASSERT_TRUE(before);
  EXPECT_EQ(following_.fold().take_calls_in_doubt("hq"), std::nullopt) << "it is asked about once";
  EXPECT_THAT(following_.pass_time(at_), IsEmpty());
  following_.fold().calls_listed("hq", *before, {"kept", "not known"});
  EXPECT_THAT(following_.pass_time(at_), ElementsAre("state_call", "-state_call"));
  EXPECT_EQ(following_.document("session", "lost"), Json());
  EXPECT_EQ(following_.documents.size(), 2U);
  EXPECT_THAT(following_.pass_time(at_ + 1h), IsEmpty()) << "what is listed is open";
}

TEST_F(StateInTime, ACallThatIsListedMayEndInALaterGap) {
  receive(call("call_start", "open"));
  connect(noon + 60s);
  subscribed();
  const auto before = following_.fold().take_calls_in_doubt("hq");
  ASSERT_TRUE(before);
  connect(noon + 120s);
  following_.fold().calls_listed("hq", *before, {"open"});
  subscribed();
  EXPECT_THAT(following_.pass_time(at_), IsEmpty());
  const auto again = following_.fold().take_calls_in_doubt("hq");
  ASSERT_TRUE(again);
  following_.fold().calls_listed("hq", *again, {});
  EXPECT_THAT(following_.pass_time(at_), ElementsAre("state_call", "-state_call"));
}

TEST_F(StateInTime, NobodyAsksAboutCallsWhereNoneIsInDoubt) {
  connect(noon + 60s);
  receive(call("call_start", "new"));
  subscribed();
  EXPECT_EQ(following_.fold().take_calls_in_doubt("hq"), std::nullopt);
}

TEST_F(StateInTime, AnOrphanIsShownAsEndedFirst) {
  receive(call("call_start", "lost"));
  connect(noon + 60s);
  subscribed();
  ASSERT_TRUE(following_.fold().pass_time(at_ + 10min, SteadyTime((at_ + 10min).time_since_epoch())));
  const auto derivation = following_.fold().derive();
  ASSERT_EQ(derivation.events.size(), 2U);
  const auto document = Json::parse(derivation.events[0].event->payload());
  EXPECT_EQ(document["status"], "ended");
  EXPECT_EQ(document["ended_by"], "unknown");
  EXPECT_TRUE(derivation.events[1].event->is_removal());
}

TEST_F(StateInTime, ACallOfAnEarlierProcessMayHaveEnded) {
  receive(call("call_start", "lost"));
  following_.restart();
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10min), ElementsAre("state_call", "-state_call"));
}

TEST_F(StateInTime, NothingIsClosedWhileThePbxIsAway) {
  receive(call("call_start", "open"));
  connect(noon + 60s);
  EXPECT_THAT(following_.pass_time(noon + 2h), IsEmpty());
}

TEST_F(StateInTime, ACallThatASnapshotNamesIsOpen) {
  receive(call("call_start", "waits"));
  receive(call("call_start", "talks"));
  connect(noon + 60s);
  receive(queue("8", R"({"session_id":"waits","timestamp":"1764000000"})",
                R"({"state":"QUEUE_CALL","agent_extension_number":"101","session_id":"talks"})"),
          true);
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10min), IsEmpty());
}

TEST_F(StateInTime, AGapWithoutANewConnectionCountsToo) {
  receive(call("call_start", "lost"));
  watch().event_lost(epoch_);
  receive(call("call_start", "new"));
  EXPECT_THAT(following_.pass_time(noon + 60s), IsEmpty());
  EXPECT_THAT(following_.pass_time(noon + 11min), ElementsAre("state_call", "-state_call"));
}

TEST_F(StateInTime, GapsThatFollowEachOtherDoNotKeepAnOrphanForEver) {
  receive(call("call_start", "lost"));
  std::vector<std::string> closed;
  for (int minute = 1; minute <= 60 && closed.empty(); ++minute) {
    connect(noon + std::chrono::minutes(minute));
    watch().subscribed(true);
    closed = following_.pass_time(at_);
  }
  EXPECT_THAT(closed, ElementsAre("state_call", "-state_call"));
  EXPECT_EQ(at_, noon + 11min);
}

}  // namespace
}  // namespace pbxbridge::derive::state
