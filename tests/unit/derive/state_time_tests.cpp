#include "event/event_types.hpp"
#include "state_in_time.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace pbxbridge::derive::state {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StateInTime, WhatSnapshotsThatAreAskedForOnceMoreDoNotHaveIsGone) {
  receive(extension("101"), true);
  receive(extension("102"), true);
  subscribed();
  watch().event_lost(epoch_);
  following_.pass_time(at_ + 20s);
  watch().snapshots_asked(false);
  EXPECT_THAT(receive(extension("101"), true), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 40s), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 60s), IsEmpty()) << "others may be on the way, for not all is answered";
  watch().snapshots_asked(true);
  EXPECT_THAT(following_.pass_time(at_ + 61s), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 71s), ElementsAre("-state_extension"));
  EXPECT_NE(following_.document("extension", "101"), Json());
}

TEST_F(StateInTime, SnapshotsThatAreAskedForOnceMoreRemoveNothingWhereEventsAreLostAgain) {
  receive(extension("101"), true);
  receive(extension("102"), true);
  subscribed();
  watch().snapshots_asked(false);
  receive(extension("101"), true);
  watch().event_lost(epoch_);
  watch().snapshots_asked(true);
  for (const auto passed : {1s, 11s, 60s}) EXPECT_THAT(following_.pass_time(at_ + passed), IsEmpty());
}

TEST_F(StateInTime, WhatNoSnapshotOfAConnectionHasIsGone) {
  receive(extension("101"), true);
  receive(extension("102"), true);
  receive(queue("8"), true);
  receive(queue("9", "", R"({"state":"READY","agent_extension_number":"101"})"), true);
  connect(noon + 60s);
  receive(extension("101"), true);
  receive(queue("8"), true);
  EXPECT_THAT(following_.pass_time(at_ + 1min), IsEmpty()) << "snapshots may follow until all is subscribed to";
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 9s), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 10s), ElementsAre("-state_extension", "-state_agent", "-state_queue"));
  EXPECT_EQ(following_.documents.size(), 2U);
  EXPECT_THAT(following_.pass_time(at_ + 1h), IsEmpty());
}

TEST_F(StateInTime, NothingIsGoneWithoutASnapshot) {
  receive(extension("101"), true);
  connect(noon + 60s);
  receive(extension("102"));
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 1h), IsEmpty()) << "the change of one is no list of all";
}

/// Something that leaves it open whether all snapshots have come.
class IncompleteSnapshots : public StateInTime {
 protected:
  void connect_with_less() {
    receive(extension("101"), true);
    receive(extension("102"), true);
    receive(queue("8"), true);
    receive(queue("9"), true);
    connect(noon + 60s);
    receive(extension("101"), true);
    receive(queue("8"), true);
  }
  std::vector<std::string> go_on() {
    subscribed();
    return following_.pass_time(at_ + 1h);
  }
};

TEST_F(IncompleteSnapshots, RemoveNothingOfTheirConnectionAfterALostEvent) {
  connect_with_less();
  watch().event_lost(epoch_);
  EXPECT_THAT(go_on(), IsEmpty());
  receive(extension("101"), true);
  EXPECT_THAT(following_.pass_time(at_ + 2h), IsEmpty()) << "the other part of it has not come";
  connect(at_ + 3h);
  receive(extension("101"), true);
  receive(queue("8"), true);
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10s), ElementsAre("-state_extension", "-state_queue")) << "this one has all";
}

TEST_F(IncompleteSnapshots, RemoveNothingAfterAnEventThatCannotBeRead) {
  connect_with_less();
  receive(R"({"event_type":"extension_status","tenant_id":"2","status":[{"extension":"102","onl)");
  EXPECT_THAT(go_on(), IsEmpty());
}

TEST_F(IncompleteSnapshots, AreToldApartByWhatTheyList) {
  connect_with_less();
  watch().snapshots_incomplete(Listed::extensions);
  EXPECT_THAT(go_on(), ElementsAre("-state_queue"));
}

TEST_F(IncompleteSnapshots, AreAwaitedWhileThePbxIsNotRead) {
  connect_with_less();
  watch().read(false);
  EXPECT_THAT(go_on(), IsEmpty());
  watch().read(true);
  EXPECT_THAT(following_.pass_time(at_ + 2h), IsEmpty()) << "what has waited comes now";
  receive(queue("9"), true);
  EXPECT_THAT(following_.pass_time(at_ + 2h + 9s), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 2h + 19s), ElementsAre("-state_extension"));
}

TEST_F(StateInTime, AnotherSessionWithTheSameEpochIsANewConnection) {
  receive(extension("101"), true);
  receive(extension("102"), true);
  subscribed();
  watch().subscribed(false);
  receive(extension("101"), true);
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10s), ElementsAre("-state_extension"));
}

TEST_F(StateInTime, AClockThatIsSetRemovesNothing) {
  receive(extension("101"), true);
  receive(call("call_start", "open"));
  connect(noon + 60s);
  receive(extension("101"), true);
  receive(call("call_update_info", "open"));
  subscribed();
  at_ -= 24h;
  receive(extension("101"));
  receive(call("call_update_info", "open"));
  receive(call("call_start", "new"));
  at_ += 48h;
  const SteadyTime steady{(noon + 60s).time_since_epoch()};
  EXPECT_THAT(following_.pass_time(at_, steady + 9s), IsEmpty()) << "no time has passed";
  EXPECT_THAT(following_.pass_time(at_, steady + 1h), IsEmpty());
  EXPECT_EQ(following_.documents.size(), 3U);
}

TEST_F(StateInTime, ANameThatAdministrationToldOutlastsReconnects) {
  receive(R"({"event_type":"extension_created","tenant_id":"1","extension_number":"102","disp_name":"Ann"})");
  receive(extension("101"), true);
  connect(noon + 60s);
  receive(extension("101"), true);
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10s), IsEmpty());
  receive(extension("102"));
  EXPECT_EQ(following_.document("extension", "102")["name"], "Ann");
}

TEST_F(StateInTime, WhatHasAnotherTenantsNumberIsShownAgainAfterARemoval) {
  receive(extension("101"), true);
  receive(queue("8"), true);
  connect(noon + 60s);
  const auto of_tenant_2 = [](std::string payload) {
    payload.replace(payload.find(R"("tenant_id":"1")"), 15, R"("tenant_id":"2")");
    return payload;
  };
  receive(of_tenant_2(extension("101")), true);
  receive(of_tenant_2(queue("8")), true);
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10s),
              ElementsAre("-state_extension", "-state_queue", "state_extension", "state_queue"))
      << "a topic without the tenant is that of both";
}

TEST_F(StateInTime, AQueueWithoutANumberIsShownToNobodyWhenAnotherGoes) {
  const auto without_number = [](const std::string& id) {
    return R"({"event_type":"queue_agent_status","tenant_id":"1","queue_id":")" + id +
           R"(","updated_agents":[{"state":"READY","agent_extension_number":"101"}]})";
  };
  receive(without_number("8"));
  connect(noon + 60s);
  receive(without_number("9"));
  receive(queue("10"), true);
  subscribed();
  EXPECT_THAT(following_.pass_time(at_ + 10s), IsEmpty());
  EXPECT_EQ(following_.documents.size(), 1U);
  EXPECT_EQ(following_.fold().tables().size(TableKind::queue), 2U);
}

TEST_F(StateInTime, ManyRowsGoInParts) {
  for (int number = 1000; number < 2000; ++number) receive(extension(std::to_string(number)), true);
  connect(noon + 60s);
  receive(extension("1000"), true);
  subscribed();
  ASSERT_TRUE(following_.fold().pass_time(at_ + 10s, SteadyTime((at_ + 10s).time_since_epoch())));
  EXPECT_EQ(following_.derive().size(), 256U);
  EXPECT_EQ(following_.pass_time(at_ + 10s).size(), 999U - 256U);
}

/// The largest step until nothing more is to be done.
std::size_t largest_step(Following& following, const std::function<bool(Fold&)>& next) {
  std::size_t largest = 0;
  while (next(following.fold())) {
    auto derivation = following.fold().derive();
    largest = std::max({largest, derivation.events.size(), derivation.changes.size()});
    following.take(std::move(derivation));
  }
  return largest;
}

TEST_F(StateInTime, QueuesGoInPartsOfTheirRows) {
  std::string agents;
  for (int number = 0; number < 700; ++number)
    agents += (number == 0 ? "" : ",") + (R"({"state":"READY","agent_extension_number":")" + std::to_string(number)) +
              R"("})";
  for (const char* id : {"1", "2", "3"}) receive(queue(id, R"({"session_id":"5"})", agents), true);
  connect(noon + 60s);
  receive(queue("4"), true);
  subscribed();
  const auto pass = [&](Fold& fold) { return fold.pass_time(at_ + 10s, SteadyTime((at_ + 10s).time_since_epoch())); };
  EXPECT_EQ(largest_step(following_, pass), 256U);
  EXPECT_EQ(following_.documents.size(), 1U);
  EXPECT_EQ(following_.rows.size(), 1U);
}

TEST_F(StateInTime, ThatOfAPbxWhichIsNoLongerThereIsForgotten) {
  receive(extension("101"));
  receive(R"({"event_type":"extension_created","tenant_id":"1","extension_number":"101","disp_name":"Ann"})");
  receive(queue("8", R"({"session_id":"5"})", R"({"state":"READY","agent_extension_number":"101"})"));
  receive(call("call_start", "9"));
  following_.receive(extension("101"), {.pbx = "branch"});
  const auto keeps = [](const RowSubject& subject) { return subject.pbx == "branch"; };
  largest_step(following_, [&](Fold& fold) { return fold.forget(keeps, noon); });
  EXPECT_EQ(following_.rows.size(), 1U);
  EXPECT_EQ(following_.documents.size(), 1U);
}

TEST_F(StateInTime, AnExtensionOfWhichNobodyTellsKeepsItsName) {
  receive(extension("101"));
  receive(R"({"event_type":"extension_created","tenant_id":"1","extension_number":"101","disp_name":"Ann"})");
  receive(queue("8", "", R"({"state":"READY","agent_extension_number":"101"})"));
  const auto keeps = [](const RowSubject& subject) {
    return subject.kind != TableKind::extension || !subject.is_shown;
  };
  largest_step(following_, [&](Fold& fold) { return fold.forget(keeps, noon); });
  EXPECT_EQ(following_.document("extension", "101"), Json());
  EXPECT_EQ(following_.document("agent", "8.101")["name"], "Ann");
}

/// `check` warns of events that nobody takes, and must know which are followed.
TEST(FollowedTypes, AreThoseThatAreSaidToChangeState) {
  for (const auto& type : event::event_types()) {
    const auto event =
        Event::make("{}", {.event_type = type.name, .entity_kind = type.entity_kind, .family = type.family});
    EXPECT_EQ(Fold::is_followed(*event), !event::documents_fed_by(type).empty()) << type.name;
  }
}

}  // namespace
}  // namespace pbxbridge::derive::state
