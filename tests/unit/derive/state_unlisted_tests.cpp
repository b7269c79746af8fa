#include "state_in_time.hpp"

#include <optional>
#include <set>
#include <string>

namespace pbxbridge::derive::state {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Names = std::set<std::string, std::less<>>;

/// A connection that brings no snapshot, as one to a PBX that has no extension and no queue any more. `queue("8")` has
/// the number 808.
class RowsThatNoSnapshotNames : public StateInTime {
 protected:
  RowsThatNoSnapshotNames() {
    for (const char* number : {"101", "102"}) receive(extension(number), true);
    for (const char* id : {"8", "9"}) receive(queue(id), true);
    connect(noon + 60s);
  }
  /// Before what they are asked about, if they are now.
  std::optional<Stretch> question(Listed what, std::chrono::seconds later) {
    return following_.fold().take_unlisted("hq", what, SteadyTime((at_ + later).time_since_epoch()));
  }
  /// Asks in time, and says what the PBX says.
  std::vector<std::string> ask(Listed what, const Names& names) {
    question(what, 0s);
    const auto before = question(what, 10s);
    EXPECT_TRUE(before);
    following_.fold().listed("hq", what, before.value_or(0), names);
    return following_.pass_time(at_ + 10s);
  }
};

TEST_F(RowsThatNoSnapshotNames, AreAskedAboutOnceSnapshotsHadTheirTime) {
  EXPECT_FALSE(question(Listed::queues, 1h)) << "not all is subscribed to";
  subscribed();
  EXPECT_FALSE(question(Listed::queues, 1h));
  EXPECT_FALSE(question(Listed::queues, 1h + 9s));
  EXPECT_TRUE(question(Listed::queues, 1h + 10s));
  EXPECT_FALSE(question(Listed::queues, 2h)) << "once for a connection";
  EXPECT_THAT(following_.pass_time(at_ + 3h), IsEmpty()) << "nothing is gone without an answer";
}

TEST_F(RowsThatNoSnapshotNames, AreGoneWhereThePbxListsNone) {
  subscribed();
  EXPECT_THAT(ask(Listed::queues, {}), ElementsAre("-state_queue", "-state_queue"));
  EXPECT_THAT(ask(Listed::extensions, {}), ElementsAre("-state_extension", "-state_extension"));
  EXPECT_THAT(following_.documents, IsEmpty());
}

TEST_F(RowsThatNoSnapshotNames, StayWhereThePbxListsTheirIdsOrNumbers) {
  subscribed();
  EXPECT_THAT(ask(Listed::queues, {"8", "809"}), IsEmpty());
  EXPECT_THAT(ask(Listed::extensions, {"101"}), ElementsAre("-state_extension"));
  EXPECT_NE(following_.document("extension", "101"), Json());
}

TEST_F(RowsThatNoSnapshotNames, StayWhereEventsNameThem) {
  receive(queue("8"));
  subscribed();
  EXPECT_THAT(ask(Listed::queues, {}), ElementsAre("-state_queue"));
  EXPECT_NE(following_.document("queue", "8"), Json());
}

TEST_F(RowsThatNoSnapshotNames, AreNotAskedAboutWhereASnapshotHasCome) {
  receive(queue("8"), true);
  subscribed();
  question(Listed::queues, 0s);
  EXPECT_THAT(following_.pass_time(at_ + 10s), ElementsAre("-state_queue"));
  EXPECT_FALSE(question(Listed::queues, 1h));
}

TEST_F(RowsThatNoSnapshotNames, AreAskedAboutWhereSnapshotsAreIncomplete) {
  receive(queue("8"), true);
  watch().snapshots_incomplete(Listed::queues);
  subscribed();
  EXPECT_THAT(ask(Listed::queues, {}), ElementsAre("-state_queue"));
  EXPECT_NE(following_.document("queue", "8"), Json());
}

TEST_F(RowsThatNoSnapshotNames, AreNotAskedAboutWhereThereAreNone) {
  following_.receive(extension("7"), {.pbx = "branch"});
  following_.fold().watch("branch").subscribed(true);
  for (const auto later : {0s, 10s})
    EXPECT_FALSE(
        following_.fold().take_unlisted("branch", Listed::queues, SteadyTime((at_ + later).time_since_epoch())));
}

TEST_F(RowsThatNoSnapshotNames, StayWhereTheAnswerIsOfAnEarlierConnection) {
  subscribed();
  question(Listed::queues, 0s);
  const auto before = question(Listed::queues, 10s);
  ASSERT_TRUE(before);
  connect(noon + 120s);
  subscribed();
  following_.fold().listed("hq", Listed::queues, *before, {});
  EXPECT_THAT(following_.pass_time(at_ + 1h), IsEmpty());
}

TEST_F(RowsThatNoSnapshotNames, StayWhereEventsAreLostMeanwhile) {
  subscribed();
  question(Listed::queues, 0s);
  const auto before = question(Listed::queues, 10s);
  ASSERT_TRUE(before);
  watch().event_lost(epoch_);
  following_.fold().listed("hq", Listed::queues, *before, {});
  EXPECT_THAT(following_.pass_time(at_ + 1h), IsEmpty());
}

TEST_F(RowsThatNoSnapshotNames, AreAskedAboutAfterALossOnceSnapshotsAreAskedForAgain) {
  subscribed();
  watch().event_lost(epoch_);
  for (const auto later : {0s, 10s}) EXPECT_FALSE(question(Listed::queues, later));
  watch().snapshots_asked(false);
  watch().snapshots_asked(true);
  EXPECT_FALSE(question(Listed::queues, 20s));
  EXPECT_TRUE(question(Listed::queues, 30s));
}

TEST_F(RowsThatNoSnapshotNames, OfAnEarlierProcessAreGone) {
  following_.restart();
  subscribed();
  EXPECT_THAT(ask(Listed::queues, {}), ElementsAre("-state_queue", "-state_queue"));
}

TEST_F(RowsThatNoSnapshotNames, KeepTheNamesThatAdministrationTold) {
  receive(R"({"event_type":"extension_created","tenant_id":"1","extension_number":"103","disp_name":"Ann"})");
  subscribed();
  EXPECT_THAT(ask(Listed::extensions, {}), ElementsAre("-state_extension", "-state_extension"));
  receive(extension("103"));
  EXPECT_EQ(following_.document("extension", "103")["name"], "Ann");
}

}  // namespace
}  // namespace pbxbridge::derive::state
