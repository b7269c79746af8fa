#include "event/payload_fields.hpp"
#include "state_fixture.hpp"

#include <string>

namespace pbxbridge::derive::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string call(const std::string& event_type, const std::string& more = "", const std::string& session = "9") {
  return R"({"event_type":")" + event_type + R"(","session_id":")" + session +
         R"(","direction":"internal","caller":"sip:101@example.test","tenant_id":"1","time":"1764000040")" + more + "}";
}

TEST(StateOfCall, IsOneDocumentWithAllFieldsInOneOrder) {
  Following following;
  EXPECT_THAT(following.receive(call("call_start", R"(,"callee":"sip:102@example.test")")), ElementsAre("state_call"));
  EXPECT_EQ(following.document("session", "9").dump(),
            R"({"event_type":"state_call","pbx":"hq","tenant":"1","session":"9","direction":"internal",)"
            R"("caller":"101","callee":"102","status":"ringing","started":1764000040,"answered":0,)"
            R"("updated":1764000000,"event_id":"0000000000000000-0000000000000000"})");
  const auto document = following.latest();
  for (const auto& [name, value] : document.items())
    EXPECT_THAT(event::payload_fields("state_call"), testing::Contains(name));
}

TEST(StateOfCall, GoesFromItsStartToItsRecord) {
  Following following;
  following.receive(call("call_start", R"(,"callee":"5000")"));
  EXPECT_THAT(following.receive(call("cdr_target_ringing")), IsEmpty()) << "it rings already";
  following.receive(call("cdr_target_answer"));
  EXPECT_EQ(following.latest()["status"], "talking");
  EXPECT_EQ(following.latest()["answered"], 1'764'000'040);
  following.receive(call("call_update_info", R"(,"callee":"15550100")"));
  EXPECT_EQ(following.latest()["callee"], "15550100");
  EXPECT_THAT(following.receive(call("call_cdr")), ElementsAre("-state_call"));
  EXPECT_EQ(
      following.latest().dump(),
      R"({"event_type":"state_call","pbx":"hq","tenant":"1","session":"9","direction":"internal","removed":true})");
  EXPECT_THAT(following.rows, IsEmpty());
  for (const char* late : {"call_cdr", "cdr_target_end", "cdr_target_noanswer"})
    EXPECT_THAT(following.receive(call(late)), IsEmpty()) << late << " begins no call";
}

TEST(StateOfCall, BeginsWithWhateverIsHeardOfItFirst) {
  Following following;
  EXPECT_THAT(following.receive(call("cdr_target_ringing")), ElementsAre("state_call"));
  EXPECT_EQ(following.latest()["started"], 0) << "nobody has said when";
}

TEST(StateOfCall, ShowsNoNumbersWhereNoneAreWanted) {
  config::StateConfig settings;
  settings.numbers = false;
  Following following(settings);
  following.receive(call("call_start", R"(,"callee":"15550100")"));
  EXPECT_FALSE(following.latest().contains("caller"));
  EXPECT_FALSE(following.latest().contains("callee"));
  for (const auto& [key, row] : following.rows) {
    EXPECT_THAT(row, testing::Not(testing::HasSubstr("15550100"))) << "nor are they stored";
    EXPECT_THAT(row, testing::Not(testing::HasSubstr("101")));
  }
}

TEST(StateOfCall, ThatHasEndedDoesNotComeBack) {
  Following following;
  following.receive(call("call_start"));
  following.receive(call("call_cdr"));
  for (const char* late :
       {"call_update_info", "cdr_target_ringing", "cdr_target_add", "cdr_target_answer", "target_ringing"})
    EXPECT_THAT(following.receive(call(late)), IsEmpty()) << late;
  EXPECT_THAT(following.rows, IsEmpty());
  EXPECT_THAT(following.receive(call("cdr_target_ringing", "", "10")), ElementsAre("state_call")) << "another one";
  EXPECT_THAT(following.receive(call("call_start")), ElementsAre("state_call")) << "its number is used again";
}

TEST(StateOfCall, ThatEndedUnseenDoesNotBegin) {
  Following following;
  EXPECT_THAT(following.receive(call("call_cdr")), IsEmpty());
  EXPECT_THAT(following.receive(call("cdr_target_answer")), IsEmpty());
}

TEST(StateOfCall, OfVersion16EndsWithoutARecord) {
  Following following;
  following.receive(call("call_start"));
  following.receive(call("call_established"));
  EXPECT_EQ(following.latest()["status"], "talking");
  following.receive(call("call_hold"));
  EXPECT_EQ(following.latest()["status"], "on_hold");
  following.receive(call("call_unhold"));
  EXPECT_EQ(following.latest()["status"], "talking");
  EXPECT_THAT(following.receive(call("call_ended")), ElementsAre("-state_call"));
}

TEST(StateOfCall, IsTextWhateverItsAddressIs) {
  Following following;
  following.receive(call("call_start", R"(,"callee":"sip:%ff%00%0a@example.test")"));
  EXPECT_EQ(following.latest()["callee"], "___");
}

}  // namespace
}  // namespace pbxbridge::derive::state
