#include "event/payload_fields.hpp"
#include "state_fixture.hpp"

#include <string>
#include <vector>

namespace pbxbridge::derive::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string status(const std::string& number, const std::string& fields) {
  return R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":"sip:)" + number +
         R"(@example.test","extension_id":"71)" + number + R"(",)" + fields + R"(,"time":"1764000000"}]})";
}

const std::string online =
    R"("online":true,"push_online":false,"presence":"ONLINE","presence_note":"","call_status":"")";

std::string call(const std::string& call_status, const std::string& time = "1764000010") {
  return R"({"event_type":"extension_call","extension":"sip:101@example.test","call_status":")" + call_status +
         R"(","tenant_id":"1","extension_id":"71101","time":")" + time + R"("})";
}

std::string presence(const std::string& word) {
  return R"({"event_type":"extension_presence","extension":"sip:101@example.test","presence":")" + word +
         R"(","presence_note":"back at two","tenant_id":"1","extension_id":"71101","time":"1764000020"})";
}

TEST(StateOfExtension, IsOneDocumentWithAllFieldsInOneOrder) {
  Following following;
  EXPECT_THAT(following.receive(status("101", online)), ElementsAre("state_extension"));
  EXPECT_EQ(following.document("extension", "101").dump(),
            R"({"event_type":"state_extension","pbx":"hq","tenant":"1","extension":"101","extension_id":"71101",)"
            R"("name":"","state":"available","online":true,"push_online":false,"presence":"ONLINE",)"
            R"("presence_note":"","call_status":"","since":1764000000,"updated":1764000000,)"
            R"("event_id":"0000000000000000-0000000000000000"})");
}

TEST(StateOfExtension, HasTheFieldsThatTemplatesMayName) {
  Following following;
  following.receive(status("101", online));
  const auto document = following.latest();
  for (const auto& [name, value] : document.items())
    EXPECT_THAT(event::payload_fields("state_extension"), testing::Contains(name));
}

TEST(StateOfExtension, IsTheMostPressingOfWhatIsKnown) {
  Following following;
  following.receive(status("101", online));
  const auto state = [&] { return following.document("extension", "101")["state"]; };
  following.receive(call("RINGING"));
  EXPECT_EQ(state(), "ringing");
  following.receive(presence("DO_NOT_DISTURB"));
  EXPECT_EQ(state(), "ringing") << "a call is more pressing than a wish";
  following.receive(call("ON_CALL"));
  EXPECT_EQ(state(), "on_call");
  following.receive(call(""));
  EXPECT_EQ(state(), "do_not_disturb");
  for (const auto& [word, expected] : std::map<std::string, std::string>{
           {"AWAY", "away"}, {"LUNCH", "lunch"}, {"BUSINESS_TRIP", "business_trip"}, {"DO_NOT_DISTRUB", "available"}}) {
    following.receive(presence(word));
    EXPECT_EQ(state(), expected);
    EXPECT_EQ(following.document("extension", "101")["presence"], word) << "as the PBX writes it";
  }
  following.receive(status("101", R"("online":false,"push_online":true,"presence":"AWAY")"));
  EXPECT_EQ(state(), "away") << "it is reached by push";
  following.receive(status("101", R"("online":false,"push_online":false,"call_status":"ON_CALL")"));
  EXPECT_EQ(state(), "offline");
}

TEST(StateOfExtension, IsSentWhenItHasChangedAndNotOtherwise) {
  Following following;
  following.receive(status("101", online));
  const auto changes = following.changes;
  EXPECT_THAT(following.receive(status("101", online), {.at = noon + std::chrono::hours(1), .is_snapshot = true}),
              IsEmpty());
  EXPECT_THAT(following.receive(call("")), IsEmpty());
  EXPECT_EQ(following.changes, changes) << "nothing is written where nothing changes";
  EXPECT_THAT(following.receive(call("ON_CALL")), ElementsAre("state_extension"));
  EXPECT_EQ(following.latest()["since"], 1'764'000'010) << "by the PBX's time";
}

TEST(StateOfExtension, HasASinceOfItsStateAlone) {
  Following following;
  following.receive(status("101", online));
  following.receive(call("ON_CALL", "1764000010"));
  following.receive(presence("AWAY"), {.at = noon + std::chrono::seconds(21)});
  EXPECT_EQ(following.latest()["state"], "on_call");
  EXPECT_EQ(following.latest()["since"], 1'764'000'010);
  EXPECT_EQ(following.latest()["updated"], 1'764'000'021);
}

TEST(StateOfExtension, IsNotShownBeforeThePbxHasToldIt) {
  Following following;
  const std::string created =
      R"({"event_type":"extension_created","extension_number":"101","disp_name":"Ada Byron","extension_id":"71101","tenant_id":"1","enabled":true})";
  EXPECT_THAT(following.receive(created), IsEmpty());
  EXPECT_THAT(following.receive(presence("AWAY")), IsEmpty());
  EXPECT_THAT(following.receive(status("101", R"("online":true)")), ElementsAre("state_extension"));
  EXPECT_EQ(following.latest()["name"], "Ada Byron");
  EXPECT_EQ(following.latest()["state"], "away");
}

TEST(StateOfExtension, CanBeReachedWhereItCalls) {
  Following following;
  EXPECT_THAT(following.receive(call("RINGING")), ElementsAre("state_extension"));
  EXPECT_EQ(following.latest()["state"], "ringing");
}

TEST(StateOfExtension, IsRemovedWhenItIsDestroyed) {
  Following following;
  following.receive(status("101", online));
  const std::string destroyed =
      R"({"event_type":"extension_destroyed","extension_number":"101","extension_id":"71101","tenant_id":"1"})";
  EXPECT_THAT(following.receive(destroyed), ElementsAre("-state_extension"));
  EXPECT_EQ(following.latest().dump(),
            R"({"event_type":"state_extension","pbx":"hq","tenant":"1","extension":"101","extension_id":"71101",)"
            R"("name":"","removed":true})");
  EXPECT_THAT(following.rows, IsEmpty());
  EXPECT_THAT(following.receive(destroyed), IsEmpty()) << "once";
}

TEST(StateOfExtension, IsThatOfOneTenantAndOnePbx) {
  Following following;
  following.receive(status("101", online));
  std::string of_another = status("101", R"("online":false)");
  of_another.replace(of_another.find(R"("tenant_id":"1")"), 15, R"("tenant_id":"2")");
  following.receive(of_another);
  following.receive(status("101", R"("online":false)"), {.pbx = "branch"});
  EXPECT_EQ(following.document("extension", "101")["state"], "available");
  EXPECT_EQ(following.document("extension", "101", "2")["state"], "offline");
  EXPECT_EQ(following.rows.size(), 3U);
}

TEST(StateOfExtension, TakesUntidyValues) {
  Following following;
  following.receive(
      R"({"tenant_id":1,"status":[7,{"extension":101,"online":"true","push_online":0,"time":1764000005.0,"online":false}],"event_type":"extension_status"})");
  EXPECT_EQ(following.latest()["extension"], "101");
  EXPECT_EQ(following.latest()["online"], true) << "the first of a repeated name counts";
  EXPECT_EQ(following.latest()["since"], 1'764'000'005);
  for (const char* entry : {R"({"extension":""})", R"({"online":true})", R"({"extension":{"number":"1"}})",
                            R"({"extension":"sip:%00@x","online":true})"})
    EXPECT_THAT(
        following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[)" + std::string(entry) + "]}"),
        IsEmpty());
  EXPECT_THAT(following.receive(status(std::string(65, '1'), online)), IsEmpty()) << "longer than any number is";
  EXPECT_THAT(following.receive(status("102", online + R"(,"name":")" + std::string(5000, 'x') + '"')),
              ElementsAre("state_extension"));
}

TEST(StateOfExtension, CutsTextsAtTheEndOfACharacter) {
  Following following;
  std::string long_note = presence("AWAY");
  std::string umlauts = "x";
  for (int i = 0; i < 200; ++i) umlauts += "ä";
  long_note.replace(long_note.find("back at two"), 11, umlauts);
  following.receive(status("101", online));
  following.receive(long_note);
  EXPECT_EQ(following.latest()["presence_note"].get<std::string>(), umlauts.substr(0, 255));
}

TEST(StateOfExtension, ThatIsRenumberedIsNotShownTwice) {
  Following following;
  following.receive(status("101", online));
  following.receive(status("102", online));
  EXPECT_THAT(following.receive(R"({"event_type":"extension_updated","extension_number":"105","extension_id":"71101",)"
                                R"("disp_name":"Ada","tenant_id":"1"})"),
              ElementsAre("-state_extension"));
  EXPECT_TRUE(following.document("extension", "101").empty());
  following.receive(status("105", online));
  EXPECT_EQ(following.document("extension", "105")["name"], "Ada");
  EXPECT_EQ(following.documents.size(), 2U);
}

TEST(StateOfExtension, ThatIsAnotherOneLeavesNothingUnderTheOldId) {
  Following following;
  following.receive(status("101", online));
  EXPECT_THAT(following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":"101",)"
                                R"("extension_id":"72"}]})"),
              ElementsAre("-state_extension", "state_extension"));
  EXPECT_THAT(following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":"101",)"
                                R"("extension_id":""}]})"),
              IsEmpty());
  EXPECT_EQ(following.document("extension", "101")["extension_id"], "72");
}

TEST(StateOfExtension, IsSentOnceForAnEvent) {
  Following following;
  std::string many;
  for (int i = 0; i < 100; ++i) many += R"({"extension":"1","online":1},{"extension":"1","online":0},)";
  EXPECT_THAT(following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[)" + many +
                                R"({"extension":"2","online":1}]})"),
              ElementsAre("state_extension", "state_extension"));
  EXPECT_EQ(following.document("extension", "1")["state"], "offline");
  EXPECT_EQ(following.document("extension", "2")["state"], "available");
}

TEST(StateOfExtension, LeavesItsOldIdOnceForAnEvent) {
  Following following;
  following.receive(status("101", online));
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += R"({"extension":"101","extension_id":"8"},{"extension":"101","extension_id":"9"},)";
  EXPECT_THAT(following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[)" + many +
                                R"({"extension":"101","extension_id":"9"}]})"),
              ElementsAre("-state_extension", "state_extension"));
  EXPECT_EQ(following.document("extension", "101")["extension_id"], "9");
}

TEST(StateOfExtension, HasNoTimeThatIsFarAhead) {
  Following following;
  following.receive(
      R"({"event_type":"extension_status","tenant_id":"1","time":"4000000000","status":[{"extension":"101",)"
      R"("online":true,"time":"4000000000"}]})");
  EXPECT_EQ(following.latest()["since"], noon_seconds);
}

TEST(StateOfExtension, IsNamedByItsWholeAddress) {
  Following following;
  // Cut at 256 bytes, it would name another one.
  following.receive(R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":")" +
                    std::string(247, 'x') + R"( <sip:101234@example.test>","online":true}]})");
  EXPECT_TRUE(following.document("extension", "101").empty());
  EXPECT_EQ(following.document("extension", "101234")["state"], "available");
}

TEST(StateOfExtension, OfVersion16IsItsRegistration) {
  Following following;
  following.receive(
      R"({"event_type":"extension_register","extension":"101","domain":"example.test","online":true,"time":"1764000000"})");
  EXPECT_EQ(following.document("extension", "101", "example.test")["state"], "available");
  following.receive(
      R"({"event_type":"extension_register","extension":"101","domain":"example.test","online":false,"time":"1764000001"})");
  EXPECT_EQ(following.document("extension", "101", "example.test")["state"], "offline");
}

}  // namespace
}  // namespace pbxbridge::derive::state
