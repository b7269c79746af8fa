#include "state_in_time.hpp"

#include <set>
#include <string>

namespace pbxbridge::derive::state {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string administration(const std::string& event_type, const std::string& number, const std::string& more = "") {
  return R"({"event_type":")" + event_type + R"(","queue_number":")" + number + R"(","tenant_id":"1")" + more + "}";
}
std::string created(const std::string& number) { return administration("queue_created", number); }
std::string updated(const std::string& number, const std::string& more = "") {
  return administration("queue_updated", number, more);
}

/// Queues that administration names by their numbers; `queue("8")` has the number 808.
class NamedQueuesOfAPbx : public StateInTime {
 protected:
  /// Numbers of those that the PBX is asked about within that time from now on, look after look.
  std::vector<std::string> asked_within(std::chrono::seconds time) {
    std::vector<std::string> numbers;
    for (std::chrono::seconds passed{0}; passed < time; ++passed) {
      at_ += 1s;
      for (const auto& asked : following_.fold().take_queues_in_question(
               "hq", SteadyTime(at_.time_since_epoch()),
               [](const event::QueueName& queue) { return queue.number != "unselected"; }))
        numbers.push_back(asked.tenant + " " + asked.number);
    }
    return numbers;
  }
};

TEST_F(NamedQueuesOfAPbx, AreAskedAboutOnceWithinSeconds) {
  receive(created("808"));
  EXPECT_THAT(asked_within(2s), IsEmpty()) << "more may come";
  EXPECT_THAT(asked_within(1s), ElementsAre("1 808"));
  EXPECT_THAT(asked_within(10min), IsEmpty());
}

TEST_F(NamedQueuesOfAPbx, AreAskedAboutTogether) {
  for (const char* number : {"801", "802", "803"}) {
    receive(created(number));
    EXPECT_THAT(asked_within(1s), IsEmpty());
  }
  EXPECT_THAT(asked_within(2s), ElementsAre("1 801", "1 802", "1 803"));
}

TEST_F(NamedQueuesOfAPbx, AreNotWaitedForWithoutEndNorAskedAboutMoreThanOnceAMinute) {
  std::vector<SystemTime> questions;
  for (int number = 1000; number < 1180; ++number) {
    receive(created(std::to_string(number)));
    if (!asked_within(1s).empty()) questions.push_back(at_);
  }
  ASSERT_EQ(questions.size(), 3U);
  EXPECT_EQ(questions[0], noon + 11s);
  EXPECT_EQ(questions[1] - questions[0], 60s);
  EXPECT_EQ(questions[2] - questions[1], 60s);
  EXPECT_THAT(asked_within(60s), testing::SizeIs(180 - 131));
}

TEST_F(NamedQueuesOfAPbx, AreNotAskedAboutOnceTheyAreTold) {
  receive(created("808"));
  receive(updated("809"));
  receive(queue("8"));
  receive(queue("9"));
  EXPECT_THAT(asked_within(2min), IsEmpty());
}

TEST_F(NamedQueuesOfAPbx, AreNotAskedAboutOnceTheyAreGone) {
  receive(created("808"));
  receive(administration("queue_destroy", "808"));
  EXPECT_THAT(asked_within(2min), IsEmpty());
}

TEST_F(NamedQueuesOfAPbx, AreNotAskedAboutBecauseOfASnapshot) {
  receive(created("808"), true);
  receive(queue("9"), true);
  receive(created("809"));
  EXPECT_THAT(asked_within(2min), IsEmpty()) << "a PBX may name again what it has told";
}

TEST_F(NamedQueuesOfAPbx, MayBeCreatedWhileASnapshotComes) {
  receive(queue("9"), true);
  receive(created("809"), true);
  receive(created("808"), true);
  EXPECT_THAT(asked_within(3s), ElementsAre("1 808"));
}

TEST_F(NamedQueuesOfAPbx, OfWhichThePbxDoesNotTellMakeNobodyWait) {
  receive(created("unselected"));
  EXPECT_THAT(asked_within(5s), IsEmpty());
  receive(created("808"));
  EXPECT_THAT(asked_within(3s), ElementsAre("1 808"));
}

TEST_F(NamedQueuesOfAPbx, AreNewsWhereThatOfAnEarlierConnectionMayBeAnother) {
  receive(queue("8"), true);
  connect(noon + 60s);
  receive(created("808"));
  EXPECT_THAT(asked_within(3s), ElementsAre("1 808"));
}

TEST_F(NamedQueuesOfAPbx, MayHaveBeenRenamed) {
  receive(queue("8"), true);
  receive(updated("808"));
  EXPECT_THAT(asked_within(3s), ElementsAre("1 808")) << "the vendor shows no name in it";
  receive(updated("808", R"(,"queue_name":"Sales")"));
  EXPECT_THAT(asked_within(2min), IsEmpty());
  receive(updated("808", R"(,"queue_name":"Support")"));
  EXPECT_THAT(asked_within(3s), ElementsAre("1 808"));
}

TEST_F(NamedQueuesOfAPbx, OfOtherTenantsWithTheSameNumberAreOthers) {
  receive(queue("8"), true);
  receive(R"({"event_type":"queue_created","queue_number":"808","tenant_id":"2"})");
  EXPECT_THAT(asked_within(3s), ElementsAre("2 808"));
}

TEST_F(NamedQueuesOfAPbx, AreToldByTheNextConnectionAnyway) {
  receive(created("808"));
  connect(noon + 1s);
  EXPECT_THAT(asked_within(2min), IsEmpty());
  receive(created("808"));
  watch().snapshots_asked(false);
  EXPECT_THAT(asked_within(2min), IsEmpty()) << "and by snapshots that are asked for after a loss";
}

TEST_F(NamedQueuesOfAPbx, WithoutANumberAreNone) {
  receive(R"({"event_type":"queue_created","tenant_id":"1"})");
  receive(R"({"event_type":"queue_updated","queue_number":{},"tenant_id":"1"})");
  EXPECT_THAT(asked_within(2min), IsEmpty());
}

TEST_F(NamedQueuesOfAPbx, AreBounded) {
  for (int number = 10'000; number < 16'000; ++number) receive(created(std::to_string(number)));
  EXPECT_THAT(asked_within(1min), testing::SizeIs(4096));
}

TEST_F(NamedQueuesOfAPbx, AreNobodysBusinessWithoutDocumentsOfQueues) {
  following_.fold().use_settings({}, WantedDocuments().set(static_cast<std::size_t>(DocumentType::extension)));
  receive(created("808"));
  EXPECT_THAT(asked_within(2min), IsEmpty());
}

/// The PBX may be asked for the queues of one subscription alone.
TEST_F(NamedQueuesOfAPbx, WhoseStateIsAskedForTakeNothingWithThem) {
  for (const char* number : {"101", "102"}) receive(extension(number), true);
  for (const char* id : {"7", "8"}) receive(queue(id), true);
  subscribed();
  following_.pass_time(at_ + 20s);
  receive(created("809"));
  ASSERT_THAT(asked_within(3s), ElementsAre("1 809"));
  EXPECT_THAT(receive(queue("9"), true), ElementsAre("state_queue"));
  EXPECT_THAT(following_.pass_time(at_ + 5s), IsEmpty());
  EXPECT_THAT(following_.pass_time(at_ + 1h), IsEmpty());
  EXPECT_EQ(following_.documents.size(), 5U);
}

/// Something that has gone before, and whose turn has not come, still goes.
TEST_F(NamedQueuesOfAPbx, WhoseStateIsAskedForDoNotKeepWhatIsGone) {
  for (const char* number : {"101", "102"}) receive(extension(number), true);
  for (const char* id : {"7", "8"}) receive(queue(id), true);
  connect(noon + 60s);
  receive(extension("101"), true);
  receive(queue("7"), true);
  subscribed();
  receive(created("809"));
  ASSERT_THAT(asked_within(3s), ElementsAre("1 809"));
  receive(queue("9"), true);
  following_.pass_time(at_);
  EXPECT_THAT(following_.pass_time(at_ + 10s), ElementsAre("-state_extension", "-state_queue"));
}

}  // namespace
}  // namespace pbxbridge::derive::state
