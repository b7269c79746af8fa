// From many events something is derived once.

#include "state_fixture.hpp"

namespace pbxbridge::derive::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string call_of(const std::string& extension, const std::string& status) {
  return R"({"event_type":"extension_call","extension":")" + extension + R"(","tenant_id":"1","call_status":")" +
         status + R"("})";
}

std::string queue(const std::string& number, const std::string& waiting, const std::string& agents) {
  return R"({"event_type":"queue_status","tenant_id":"1","queue_id":"8","queue_number":")" + number +
         R"(","queue_name":"Sales","waiting_list":[)" + waiting + R"(],"agents":[)" + agents + "]}";
}

const std::string an_agent = R"({"state":"READY","agent_extension_number":"101","timestamp":"1764000000"})";

class StateOfManyEvents : public testing::Test {
 protected:
  void receive(const std::string& payload) { following_.receive_with_next(payload, {}); }

  Following following_;
};

TEST_F(StateOfManyEvents, IsSentOnceAsItIsAtTheEnd) {
  receive(call_of("101", "RINGING"));
  receive(call_of("102", "RINGING"));
  receive(call_of("101", "ON_CALL"));
  EXPECT_THAT(following_.derive(), ElementsAre("state_extension", "state_extension"));
  EXPECT_EQ(following_.changes, 2U);
  EXPECT_EQ(following_.document("extension", "101")["state"], "on_call");
  EXPECT_EQ(following_.document("extension", "102")["state"], "ringing");
  EXPECT_THAT(following_.derive(), IsEmpty());
}

TEST_F(StateOfManyEvents, NamesTheLatestThatHasChangedIt) {
  std::vector<NewEventPtr> causes;
  for (const auto& payload : {call_of("101", "RINGING"), call_of("101", "ON_CALL"), call_of("101", "ON_CALL")}) {
    causes.push_back(following_.event_of(payload, {}));
    following_.fold().fold(*causes.back(), following_.classifier().document());
  }
  const auto derivation = following_.fold().derive();
  ASSERT_EQ(derivation.events.size(), 1U);
  EXPECT_EQ(derivation.events.front().cause, causes[1].get());
}

TEST_F(StateOfManyEvents, LosesNoRemoval) {
  following_.receive(call_of("101", "RINGING"));
  receive(call_of("101", "ON_CALL"));
  receive(R"({"event_type":"extension_destroyed","extension_number":"101","tenant_id":"1"})");
  EXPECT_THAT(following_.derive(), ElementsAre("-state_extension"));
  EXPECT_THAT(following_.rows, IsEmpty());
  receive(R"({"event_type":"call_start","session_id":"9","tenant_id":"1"})");
  receive(R"({"event_type":"call_cdr","session_id":"9","tenant_id":"1"})");
  EXPECT_THAT(following_.derive(), ElementsAre("-state_call"));
  EXPECT_THAT(following_.rows, IsEmpty());
}

TEST_F(StateOfManyEvents, ShowsAfterARemovalWhatHasComeAgain) {
  following_.receive(call_of("101", "RINGING"));
  receive(R"({"event_type":"extension_destroyed","extension_number":"101","tenant_id":"1"})");
  receive(call_of("101", "ON_CALL"));
  EXPECT_THAT(following_.derive(), ElementsAre("-state_extension", "state_extension"));
  EXPECT_EQ(following_.document("extension", "101")["state"], "on_call");
}

TEST_F(StateOfManyEvents, RemovesADocumentUnderItsFormerIdOnce) {
  const auto with_id = [](const std::string& id) {
    return R"({"event_type":"extension_call","extension":"101","extension_id":")" + id +
           R"(","tenant_id":"1","call_status":"RINGING"})";
  };
  following_.receive(with_id("1"));
  for (const auto* id : {"2", "3", "4"}) receive(with_id(id));
  EXPECT_THAT(following_.derive(), ElementsAre("-state_extension", "state_extension"));
  EXPECT_EQ(following_.document("extension", "101")["extension_id"], "4");
  following_.receive(with_id("5"));
  EXPECT_EQ(following_.document("extension", "101")["extension_id"], "5");
}

TEST_F(StateOfManyEvents, LosesNoTotal) {
  receive(queue("8001", "", an_agent));
  for (const auto* reason : {"enqueue", "agent_answered", "enqueue", "hangup"})
    receive(
        R"({"event_type":"queue_caller_status","tenant_id":"1","queue_id":"8","updated_callers":[{"session_id":"5","reason":")" +
        std::string(reason) + R"("}]})");
  EXPECT_THAT(following_.derive(), ElementsAre("state_agent", "state_queue"));
  const auto document = following_.document("queue", "8");
  EXPECT_EQ(document["entered"], 2);
  EXPECT_EQ(document["answered"], 1);
  EXPECT_EQ(document["abandoned"], 1);
  EXPECT_EQ(document["waiting"], 0);
}

TEST_F(StateOfManyEvents, RemovesWhatStoodUnderAFormerNumberFirst) {
  following_.receive(queue("8001", "", an_agent));
  receive(queue("8002", "", an_agent));
  receive(queue("8003", "", an_agent));
  EXPECT_THAT(following_.derive(), ElementsAre("-state_agent", "-state_queue", "state_agent", "state_queue"));
  EXPECT_EQ(following_.document("queue", "8")["queue_number"], "8003");
}

}  // namespace
}  // namespace pbxbridge::derive::state
