#include "state_at_intake.hpp"

#include <chrono>

namespace pbxbridge::intake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string created = R"({"event_type":"queue_created","queue_number":"8800","tenant_id":"1"})";

/// Queues that the PBX names by their numbers alone.
class NamedQueuesAtIntake : public StateAtIntake {
 protected:
  NamedQueuesAtIntake() {
    begin("state_*");
    intake_->subscribed("hq", true, {});
  }
  /// Number of questions within these seconds: about queues, and about all that there is.
  std::pair<std::size_t, int> questions_within(std::chrono::seconds time) {
    const std::size_t before = questions_.for_queues.size();
    const int of_all = asked_within(time);
    return {questions_.for_queues.size() - before, of_all};
  }

  static constexpr std::pair<std::size_t, int> none{0, 0};
  static constexpr std::pair<std::size_t, int> one_about_queues{1, 0};
  static constexpr std::pair<std::size_t, int> one_about_all{0, 1};
};

TEST_F(NamedQueuesAtIntake, AreAskedAbout) {
  receive(created);
  EXPECT_EQ(questions_within(3s), one_about_queues);
  EXPECT_THAT(questions_.for_queues.back(), ElementsAre(event::QueueName{"1", "8800"}));
  EXPECT_EQ(questions_within(10min), none);
}

TEST_F(NamedQueuesAtIntake, AreAskedAboutWhereASubscriptionSelectsThem) {
  const auto subscribe_to = [this](const std::string& queue) {
    config::PbxConfig pbx;
    pbx.name = "hq";
    pbx.subscribe = {{.topic = "queue_events", .queues = {queue}}, {.topic = "queue_management_events"}};
    intake_->use_subscriptions(pbx);
  };
  subscribe_to("8001");
  receive(created);
  EXPECT_EQ(questions_within(1min), none);
  subscribe_to("8800");
  receive(created);
  EXPECT_EQ(questions_within(3s), one_about_queues);
}

TEST_F(NamedQueuesAtIntake, AreAskedAboutOnceAllIsSubscribedTo) {
  intake_->subscribed("hq", false, {});
  receive(created);
  EXPECT_EQ(questions_within(1min), none);
  intake_->subscribed("hq", true, {});
  EXPECT_EQ(questions_within(3s), one_about_queues);
}

TEST_F(NamedQueuesAtIntake, AreAskedAboutOnceTheSpoolHasRoom) {
  receive(created);
  spool_.is_nearly_full = true;
  EXPECT_EQ(questions_within(1min), none);
  spool_.is_nearly_full = false;
  EXPECT_EQ(questions_within(3s), one_about_queues);
}

TEST_F(NamedQueuesAtIntake, AreToldByWhatIsAskedForAfterALoss) {
  receive(created);
  lose_an_event();
  EXPECT_EQ(questions_within(3s), one_about_all);
  intake_->snapshots_asked("hq", false);
  intake_->snapshots_asked("hq", true);
  EXPECT_EQ(questions_within(10min), none);
}

TEST_F(NamedQueuesAtIntake, AreNotAskedAboutAgainWhereTheirStateIsTooLarge) {
  receive(created);
  ASSERT_EQ(questions_within(3s), one_about_queues);
  intake_->message_dropped("hq");
  EXPECT_EQ(questions_within(1h), none);
}

TEST_F(NamedQueuesAtIntake, AreNotAskedAboutWhereNobodyFollowsThem) {
  begin("*");
  intake_->subscribed("hq", true, {});
  receive(created);
  EXPECT_EQ(questions_within(1min), none);
}

}  // namespace
}  // namespace pbxbridge::intake
