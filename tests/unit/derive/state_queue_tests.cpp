#include "event/payload_fields.hpp"
#include "state_fixture.hpp"

#include <string>
#include <vector>

namespace pbxbridge::derive::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string agent(const std::string& number, const std::string& state, const std::string& timestamp = "1764000080",
                  const std::string& session = "") {
  return R"({"state":")" + state + R"(","agent_extension_number":")" + number + R"(","session_id":")" + session +
         R"(","caller_number":"15550113","timestamp":")" + timestamp + R"("})";
}

std::string waiting(const std::string& session, const std::string& timestamp, const std::string& type = "normal") {
  return R"({"position":"1","session_id":")" + session + R"(","caller_number":"1","timestamp":")" + timestamp +
         R"(","type":")" + type + R"("})";
}

std::string status(const std::string& callers, const std::string& agents, const std::string& id = "8",
                   const std::string& number = "8001", const std::string& name = "Sales") {
  return R"({"event_type":"queue_status","tenant_id":"1","queue_id":")" + id + R"(","queue_number":")" + number +
         R"(","queue_name":")" + name + R"(","waiting_list":[)" + callers + R"(],"agents":[)" + agents + "]}";
}

std::string caller(const std::string& session, const std::string& reason, const std::string& type = "normal") {
  return R"({"event_type":"queue_caller_status","tenant_id":"1","queue_id":"8","updated_callers":[{"position":"1",)"
         R"("session_id":")" +
         session + R"(","caller_number":"1","reason":")" + reason + R"(","timestamp":"1764000110","type":")" + type +
         R"("}]})";
}

std::string agents(const std::string& updated, const std::string& removed = "") {
  return R"({"event_type":"queue_agent_status","queue_id":"8","tenant_id":"1","updated_agents":[)" + updated +
         R"(],"removed_agents":[)" + removed + "]}";
}

TEST(StateOfQueue, IsOneDocumentWithAllFieldsInOneOrder) {
  Following following;
  EXPECT_THAT(following.receive(status(waiting("5", "1764000100") + "," + waiting("6", "1764000050", "callback"),
                                       agent("101", "QUEUE_CALL", "1764000080", "9") + "," + agent("102", "READY"))),
              ElementsAre("state_agent", "state_agent", "state_queue"));
  EXPECT_EQ(following.document("queue", "8").dump(),
            R"({"event_type":"state_queue","pbx":"hq","tenant":"1","queue_id":"8","queue_number":"8001",)"
            R"("name":"Sales","waiting":1,"callbacks":1,"longest_wait_since":1764000100,"agents_ready":1,)"
            R"("agents_queue_call":1,"agents_wrap_up":0,"agents_other_call":0,"agents_not_ready":0,)"
            R"("agents_logged_out":0,"agents_offline":0,"entered":0,"answered":0,"abandoned":0,"overflowed":0,)"
            R"("called_back":0,"sla_breached":0,"updated":1764000000,)"
            R"("event_id":"0000000000000000-0000000000000000"})");
  EXPECT_EQ(following.document("agent", "8.101").dump(),
            R"({"event_type":"state_agent","pbx":"hq","tenant":"1","queue_id":"8","queue_number":"8001",)"
            R"("queue_name":"Sales","extension":"101","name":"","state":"queue_call","since":1764000080,)"
            R"("session":"9","updated":1764000000,"event_id":"0000000000000000-0000000000000000"})");
}

TEST(StateOfQueue, HasTheFieldsThatTemplatesMayName) {
  Following following;
  following.receive(status("", agent("101", "READY")));
  for (const auto& [key, payload] : following.documents) {
    const auto document = Json::parse(payload);
    for (const auto& [name, value] : document.items())
      EXPECT_THAT(event::payload_fields(document["event_type"].get<std::string>()), testing::Contains(name)) << key;
  }
}

TEST(StateOfQueue, HasAWordForEachStateOfAnAgent) {
  Following following;
  following.receive(status("", ""));
  const auto state_of = [&](const std::string& word) {
    following.receive(agents(agent("101", word)));
    return following.document("agent", "8.101")["state"];
  };
  EXPECT_EQ(state_of("READY"), "ready");
  EXPECT_EQ(state_of("QUEUE_CALL"), "queue_call");
  EXPECT_EQ(state_of("WRAP_UP"), "wrap_up");
  EXPECT_EQ(state_of("OTHER_CALL"), "other_call");
  EXPECT_EQ(state_of("NOT_READY"), "not_ready");
  EXPECT_EQ(state_of("ONLINE"), "logged_out");
  EXPECT_EQ(state_of("OFFLINE"), "offline");
  EXPECT_EQ(state_of("LOGOUT"), "logged_out");
  EXPECT_EQ(state_of("REDAY"), "unknown");
}

TEST(StateOfQueue, FollowsWhoWaits) {
  Following following;
  following.receive(status("", ""));
  EXPECT_THAT(following.receive(caller("5", "enqueue")), ElementsAre("state_queue"));
  EXPECT_EQ(following.latest()["waiting"], 1);
  EXPECT_EQ(following.latest()["longest_wait_since"], 1'764'000'110);
  EXPECT_THAT(following.receive(status(waiting("5", "1764000110"), "")), IsEmpty()) << "the same in another form";
  following.receive(caller("5", "agent_answered"));
  EXPECT_EQ(following.latest()["waiting"], 0);
  EXPECT_EQ(following.latest()["longest_wait_since"], 0);
}

TEST(StateOfQueue, CountsWhatBecomesOfCallersOverRestarts) {
  Following following;
  following.receive(status("", ""));
  for (const char* reason : {"agent_answered", "hangup", "overflow", "callback", "hangup"}) {
    following.receive(caller("5", "enqueue"));
    following.receive(caller("5", reason));
    following.restart();
  }
  following.receive(
      R"({"event_type":"queue_sla_breached","queue_id":"8","tenant_id":"1","caller":"1","total_callers_breached":6})");
  const auto queue = following.document("queue", "8");
  EXPECT_EQ(queue["entered"], 5);
  EXPECT_EQ(queue["answered"], 1);
  EXPECT_EQ(queue["abandoned"], 2);
  EXPECT_EQ(queue["overflowed"], 1);
  EXPECT_EQ(queue["called_back"], 1);
  EXPECT_EQ(queue["sla_breached"], 1);
  EXPECT_EQ(queue["waiting"], 0);
}

TEST(StateOfQueue, LeavesACallerWhereTheReasonIsNotUnderstood) {
  Following following;
  following.receive(status("", ""));
  following.receive(caller("5", "enqueue"));
  EXPECT_THAT(following.receive(caller("5", "agent_anwsered")), IsEmpty());
  EXPECT_THAT(following.receive(status("", "")), ElementsAre("state_queue")) << "until the PBX says who waits";
  EXPECT_EQ(following.latest()["waiting"], 0);
}

TEST(StateOfQueue, AStatusIsCompleteForItsQueue) {
  Following following;
  following.receive(status(waiting("5", "1764000100"), agent("101", "READY") + "," + agent("102", "READY")));
  EXPECT_THAT(following.receive(status("", agent("102", "READY"))), ElementsAre("-state_agent", "state_queue"));
  EXPECT_TRUE(following.document("agent", "8.101").empty());
  EXPECT_EQ(following.latest()["agents_ready"], 1);
  EXPECT_EQ(following.latest()["waiting"], 0);
}

TEST(StateOfQueue, AListThatIsMissingRemovesNobody) {
  Following following;
  following.receive(status(waiting("5", "1764000100"), agent("101", "READY")));
  EXPECT_THAT(following.receive(R"({"event_type":"queue_status","tenant_id":"1","queue_id":"8","agents":7})"),
              IsEmpty());
}

TEST(StateOfQueue, AnAgentIsRemovedWithoutItsQueue) {
  Following following;
  following.receive(status("", agent("101", "READY")));
  EXPECT_THAT(following.receive(agents("", R"({"agent_extension_number":"101"},{"agent_extension_number":"999"})")),
              ElementsAre("-state_agent", "state_queue"));
  EXPECT_EQ(following.documents.size(), 1U);
}

TEST(StateOfQueue, IsRemovedByItsNumberWithAllThatIsInIt) {
  Following following;
  following.receive(status(waiting("5", "1764000100"), agent("101", "READY")));
  following.receive(status("", "", "9", "8002", "Service"));
  EXPECT_THAT(following.receive(R"({"event_type":"queue_destroy","queue_number":"8001","tenant_id":"1"})"),
              ElementsAre("-state_agent", "-state_queue"));
  EXPECT_EQ(following.latest().dump(),
            R"({"event_type":"state_queue","pbx":"hq","tenant":"1","queue_id":"8","queue_number":"8001",)"
            R"("name":"Sales","removed":true})");
  EXPECT_EQ(following.rows.size(), 1U);
  EXPECT_THAT(following.receive(R"({"event_type":"queue_destroy","queue_number":"8001","tenant_id":"1"})"), IsEmpty());
}

TEST(StateOfQueue, IsShownOnceItsNumberIsKnown) {
  Following following;
  EXPECT_THAT(following.receive(agents(agent("101", "READY"))), IsEmpty());
  EXPECT_THAT(following.receive(caller("5", "enqueue")), IsEmpty());
  EXPECT_THAT(following.receive(status(waiting("5", "1764000110"), agent("101", "READY"))),
              ElementsAre("state_agent", "state_queue"));
  EXPECT_EQ(following.latest()["entered"], 1) << "it was counted meanwhile";
}

TEST(StateOfQueue, MakesRoomForAnotherOfItsNumberBeforeThatIsShown) {
  Following following;
  following.receive(status("", agent("101", "READY")));
  EXPECT_THAT(following.receive(status("", agent("101", "READY"), "80", "8001")),
              ElementsAre("-state_agent", "-state_queue", "state_agent", "state_queue"));
  EXPECT_EQ(following.documents.size(), 2U);
}

TEST(StateOfQueue, ShowsANewNameInEachDocument) {
  Following following;
  following.receive(status("", agent("101", "READY") + "," + agent("102", "READY")));
  EXPECT_THAT(
      following.receive(status("", agent("101", "READY") + "," + agent("102", "READY"), "8", "8001", "Service")),
      ElementsAre("state_agent", "state_agent", "state_queue"));
  EXPECT_EQ(following.document("agent", "8.102")["queue_name"], "Service");
  EXPECT_THAT(following.receive(R"({"event_type":"queue_status","tenant_id":"1","queue_id":"8","queue_name":"Sales"})"),
              ElementsAre("state_agent", "state_agent", "state_queue"))
      << "without its agents, too";
  EXPECT_THAT(following.receive(
                  R"({"event_type":"extension_updated","extension_number":"101","disp_name":"Ada","tenant_id":"1"})"),
              ElementsAre("state_agent"));
  EXPECT_EQ(following.document("agent", "8.101")["name"], "Ada");
}

TEST(StateOfAgent, IsSentWhenItHasChangedAndNotOtherwise) {
  Following following;
  following.receive(status("", agent("101", "READY", "1764000080")));
  const auto changes = following.changes;
  EXPECT_THAT(following.receive(agents(agent("101", "READY", "1764000090"))), IsEmpty());
  EXPECT_THAT(following.receive(status("", agent("101", "READY", "1764000099"))), IsEmpty());
  EXPECT_THAT(following.receive(status("", agent("101", "READY", "1764000080")), {.connection_epoch = 2}), IsEmpty());
  EXPECT_EQ(following.changes, changes);
  EXPECT_THAT(following.receive(agents(agent("101", "QUEUE_CALL", "1764000100", "9"))),
              ElementsAre("state_agent", "state_queue"));
  EXPECT_EQ(following.document("agent", "8.101")["since"], 1'764'000'100);
  EXPECT_EQ(following.document("agent", "8.101")["session"], "9");
}

TEST(StateOfAgent, OfVersion16IsThatOfOneMember) {
  Following following;
  following.receive(status("", agent("101", "QUEUE_CALL", "1764000080", "9")));
  const auto member = [](const std::string& state) {
    return R"({"event_type":"queue_member_state","tenant_id":"1","queue_id":"8","queue_number":"8001",)"
           R"("extension":"101","state":")" +
           state + R"(","time":"1764000090"})";
  };
  EXPECT_THAT(following.receive(member("QUEUE_CALL")), IsEmpty());
  EXPECT_THAT(following.receive(member("READY")), ElementsAre("state_agent", "state_queue"));
  EXPECT_EQ(following.document("agent", "8.101")["session"], "");
  EXPECT_EQ(following.document("agent", "8.101")["since"], 1'764'000'090);
}

TEST(StateOfAgent, MayHaveComeBackToTheSameStateInAGap) {
  Following following;
  following.receive(status("", agent("101", "READY", "1764000080")));
  EXPECT_THAT(following.receive(status("", agent("101", "READY", "1764000500")), {.connection_epoch = 2}),
              ElementsAre("state_agent"));
  EXPECT_THAT(following.receive(status("", agent("101", "READY", "1764000600")), {.connection_epoch = 2}), IsEmpty());
  EXPECT_EQ(following.latest()["since"], 1'764'000'500);
}

TEST(StateOfQueue, ThatIsRenumberedLeavesNothingUnderItsOldNumber) {
  Following following;
  following.receive(status("", agent("101", "READY")));
  EXPECT_THAT(following.receive(status("", agent("101", "READY"), "8", "8009")),
              ElementsAre("-state_agent", "-state_queue", "state_agent", "state_queue"))
      << "a topic may have the number";
  EXPECT_EQ(following.document("queue", "8")["queue_number"], "8009");
  EXPECT_EQ(following.document("agent", "8.101")["queue_number"], "8009");
}

TEST(StateOfQueue, KeepsItsNumberWhereAnEventHasNone) {
  Following following;
  following.receive(status("", agent("101", "READY")));
  for (const std::string& odd : {std::string(), std::string(65, '1'), std::string(R"(8\u0000)")})
    EXPECT_THAT(following.receive(status("", agent("101", "READY"), "8", odd)), IsEmpty()) << odd;
  EXPECT_EQ(following.document("queue", "8")["queue_number"], "8001");
  EXPECT_THAT(following.receive(status("", agent("101", "READY"), "9", std::string(65, '1'))), IsEmpty())
      << "it could never be destroyed";
}

TEST(StateOfQueue, KeepsItsTotalsWhereTwoSwapTheirNumbers) {
  Following following;
  following.receive(status("", ""));
  following.receive(caller("5", "enqueue"));
  following.receive(status(waiting("5", "1764000110"), "", "9", "8002", "Service"));
  following.receive(status(waiting("5", "1764000110"), "", "9", "8001", "Sales"));
  EXPECT_TRUE(following.document("queue", "8").empty());
  following.receive(status(waiting("5", "1764000110"), "", "8", "8002", "Service"));
  EXPECT_EQ(following.document("queue", "8")["queue_number"], "8002");
  EXPECT_EQ(following.document("queue", "8")["entered"], 1);
  EXPECT_EQ(following.document("queue", "9")["queue_number"], "8001");
  EXPECT_EQ(following.document("queue", "9")["entered"], 0);
}

TEST(StateOfAgent, StaysWhereItsEntryHasNoState) {
  Following following;
  following.receive(status("", agent("101", "READY") + "," + agent("102", "READY")));
  EXPECT_THAT(
      following.receive(status("", R"({"agent_extension_number":"101"},{"agent_extension_number":"102","state":{}})")),
      IsEmpty());
  EXPECT_EQ(following.document("agent", "8.101")["state"], "ready");
}

TEST(StateOfQueue, IsSentOnceForAnEventWithItsAgents) {
  Following following;
  std::string many;
  for (int i = 0; i < 100; ++i) many += agent("101", i % 2 == 0 ? "READY" : "NOT_READY") + ",";
  EXPECT_THAT(following.receive(status("", many + agent("101", "WRAP_UP"))), ElementsAre("state_agent", "state_queue"));
  EXPECT_EQ(following.document("agent", "8.101")["state"], "wrap_up");
  EXPECT_THAT(following.receive(agents(many + agent("101", "LOGOUT"), R"({"agent_extension_number":"101"})")),
              ElementsAre("-state_agent", "state_queue"));
}

TEST(StateOfQueue, HasNoTimeThatIsFarAhead) {
  Following following;
  following.receive(
      status(waiting("5", "4000000000") + "," + waiting("6", "1764003600"), agent("101", "READY", "4000000000")));
  EXPECT_EQ(following.document("queue", "8")["longest_wait_since"], noon_seconds) << "when it was heard";
  EXPECT_EQ(following.document("agent", "8.101")["since"], noon_seconds);
  following.receive(status(waiting("6", "1764003600"), ""));
  EXPECT_EQ(following.document("queue", "8")["longest_wait_since"], 1'764'003'600) << "a clock may be ahead";
}

TEST(StateOfQueue, LeavesAloneWhatItCannotName) {
  Following following;
  for (const char* event :
       {R"({"event_type":"queue_status","tenant_id":"1","agents":[]})",
        R"({"event_type":"queue_status","tenant_id":"1","queue_id":"8.1"})",
        R"({"event_type":"queue_status","tenant_id":"1","queue_id":{}})",
        R"({"event_type":"queue_destroy","tenant_id":"1"})", R"({"event_type":"queue_caller_status","tenant_id":"1"})"})
    EXPECT_THAT(following.receive(event), IsEmpty()) << event;
  EXPECT_THAT(following.rows, IsEmpty());
  following.receive(status(R"(1,{"session_id":""},{"type":"normal"})", R"([],{"state":"READY"})"));
  EXPECT_EQ(following.rows.size(), 1U) << "the queue alone";
}

}  // namespace
}  // namespace pbxbridge::derive::state
