#include "simulator/protocol/dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto example_tenant = "710000000000000001";
constexpr auto other_tenant = "720000000000000001";

class DialogueTest : public ::testing::Test {
 protected:
  Dialogue::Reaction say(const std::string& frame) { return dialogue_.receive(frame, time_of_seconds(1764000000)); }

  void sign_in(const std::string& rest = R"("username":"bridge","domain":"example.test")") {
    const auto reaction = say(R"({"command":"auth","password":"secret",)" + rest + "}");
    ASSERT_EQ(json::parse(reaction.answers.at(0)).at("status"), 0);
  }

  /// The error of the answer; empty where it was granted.
  std::string error_of(const std::string& frame) {
    const auto answer = json::parse(say(frame).answers.at(0));
    EXPECT_EQ(answer.at("status"), answer.contains("error") ? -1 : 0);
    return answer.value("error", "");
  }

  bool gets(const std::string& event) const { return dialogue_.entitle(facts_of(event, world_, behaviour_.dialect)); }
  static std::string call_cdr(const std::string& tenant) {
    return R"({"event_type":"call_cdr","tenant_id":")" + tenant + "\"}";
  }
  static std::string extension_call(const std::string& number) {
    return R"({"event_type":"extension_call","extension":"sip:)" + number + R"(@example.test"})";
  }

  Installation installation_ = default_installation();
  World world_{installation_.tenants};
  Behaviour behaviour_;
  Dialogue dialogue_{installation_, world_, behaviour_};
};

TEST_F(DialogueTest, AuthIsAnsweredInTheVendorsWords) {
  auto reaction = say(R"({"command":"auth","username":"bridge","password":"wrong","domain":"example.test"})");
  EXPECT_THAT(
      reaction.answers,
      ElementsAre(
          R"({"command":"auth","error":"access_token , username , domain or password error","id":"1","status":-1})"));
  EXPECT_THAT(reaction.report, ElementsAre("auth rejected bridge@example.test"));
  reaction = say(R"({"command":"auth","extension_number":"101","password":"secret","domain":"example.test"})");
  EXPECT_THAT(reaction.answers, ElementsAre(R"({"command":"auth","id":"2","status":0})"));
  EXPECT_THAT(reaction.report, ElementsAre("auth ok 101@example.test"));
}

TEST_F(DialogueTest, NothingIsGrantedBeforeAuth) {
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":["cdr_events"]})"), "not authenticated");
  EXPECT_FALSE(gets(call_cdr(example_tenant)));
  EXPECT_FALSE(gets("no JSON at all"));
}

TEST_F(DialogueTest, MalformedSubscribesAreRejectedWithAReason) {
  sign_in();
  EXPECT_EQ(error_of(R"({"command":"subscribe"})"), "topics is missing");
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":[]})"), "topics is missing");
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":[1]})"), "topics must be a list of strings");
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":["news"]})"), "unknown topic \"news\"");
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":["trunk_events"]})"), "unknown topic \"trunk_events\"");
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":["queue_events"],"queues":[8001]})"),
            "queues must be a list of strings");
  EXPECT_EQ(error_of(R"({"command":"sing"})"), "unknown command");
  EXPECT_EQ(error_of("[]"), "not a JSON object");
  EXPECT_EQ(error_of("\xff"), "not a JSON object");
  EXPECT_EQ(dialogue_.subscription_count(), 0U);
}

TEST_F(DialogueTest, DeepNestingIsRejectedLikeAnythingElse) {
  sign_in();
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  for (const auto dialect : {Dialect::v22, Dialect::v16}) {
    behaviour_.dialect = dialect;
    for (const std::string& topics : {deep, "[{\"topic\":" + deep + "}]"})
      EXPECT_NE(error_of(R"({"command":"subscribe","topics":)" + topics + "}"), "");
  }
  EXPECT_EQ(say(deep).answers.size(), 1U);
}

TEST_F(DialogueTest, ASubscribeIsAnsweredAndThenTheStateIsPushed) {
  sign_in();
  const auto reaction = say(R"({"command":"subscribe","topics":["extension_events"],"extensions":["101","103"]})");
  EXPECT_THAT(reaction.answers, ElementsAre(R"({"command":"subscribe","id":"2","status":0})"));
  ASSERT_THAT(reaction.snapshots, SizeIs(1));
  EXPECT_EQ(reaction.snapshots[0].topic->name, "extension_events");
  const auto status = json::parse(reaction.snapshots[0].event);
  EXPECT_EQ(status.at("event_type"), "extension_status");
  ASSERT_THAT(status.at("status"), SizeIs(2));
  EXPECT_EQ(status.at("status")[1].at("extension"), "sip:103@example.test");
  EXPECT_THAT(reaction.report, ElementsAre("subscribed extension_events 101,103"));
}

TEST_F(DialogueTest, QueuesAreShownOneByOne) {
  sign_in();
  const auto types = [&](const std::string& frame) {
    std::vector<std::string> result;
    const auto reaction = say(frame);
    for (const auto& snapshot : reaction.snapshots) result.push_back(json::parse(snapshot.event).at("event_type"));
    return result;
  };
  EXPECT_THAT(types(R"({"command":"subscribe","topics":["queue_events"],"queues":["8001","8002"]})"),
              ElementsAre("queue_status", "queue_status"));
  EXPECT_THAT(types(R"({"command":"subscribe","topics":["queue_management_events"]})"),
              ElementsAre("queue_created", "queue_created", "queue_created"));
  EXPECT_THAT(types(R"({"command":"subscribe","topics":["cdr_events"]})"), IsEmpty());
}

TEST_F(DialogueTest, SystemAdministratorsHaveEverythingUnaskedWhereThatIsWanted) {
  behaviour_.subscribe_at_sign_in = true;
  sign_in();
  EXPECT_FALSE(gets(call_cdr(example_tenant)));
  sign_in(R"("username":"admin")");
  EXPECT_TRUE(gets(call_cdr(example_tenant)));
  EXPECT_TRUE(gets(call_cdr(other_tenant)));
  EXPECT_TRUE(gets(extension_call("101")));
}

TEST_F(DialogueTest, AnswersAndSnapshotsCanBeLeftOut) {
  sign_in();
  behaviour_.answer_subscribes = false;
  behaviour_.snapshots = false;
  const auto reaction = say(R"({"command":"subscribe","topics":["queue_management_events"]})");
  EXPECT_THAT(reaction.answers, IsEmpty());
  EXPECT_THAT(reaction.snapshots, IsEmpty());
  EXPECT_EQ(dialogue_.subscription_count(), 1U);
}

TEST_F(DialogueTest, ARejectedTopicLeavesTheOthersAlone) {
  sign_in();
  behaviour_.rejected_topics["queue_events"] = "closed on Sundays";
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":["cdr_events"]})"), "");
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":["queue_events"]})"), "closed on Sundays");
  EXPECT_TRUE(gets(call_cdr(example_tenant)));
  EXPECT_FALSE(gets(R"({"event_type":"queue_status","queue_number":"8001"})"));
}

TEST_F(DialogueTest, ATenantsUserGetsNothingOfAnotherTenant) {
  sign_in();
  error_of(R"({"command":"subscribe","topics":["cdr_events"]})");
  EXPECT_TRUE(gets(call_cdr(example_tenant)));
  EXPECT_FALSE(gets(call_cdr(other_tenant)));
}

TEST_F(DialogueTest, ANewAuthBeginsWithoutSubscriptions) {
  sign_in();
  error_of(R"({"command":"subscribe","topics":["cdr_events"]})");
  say(R"({"command":"auth","username":"bridge","password":"wrong","domain":"example.test"})");
  EXPECT_TRUE(gets(call_cdr(example_tenant))) << "a rejected auth changes nothing";
  sign_in(R"("username":"admin")");
  EXPECT_EQ(dialogue_.subscription_count(), 0U);
  EXPECT_FALSE(gets(call_cdr(example_tenant)));
}

TEST_F(DialogueTest, ATopicIsNamedOnceInAMessage) {
  sign_in();
  const std::string twice = R"({"command":"subscribe","topics":["cdr_events","queue_events","cdr_events"]})";
  EXPECT_EQ(error_of(twice), "cdr_events is named twice");
  EXPECT_EQ(dialogue_.subscription_count(), 0U);
  behaviour_.dialect = Dialect::v16;
  EXPECT_EQ(error_of(R"({"command":"subscribe","topics":[{"topic":"cdr_events","keys":["call_cdr"]},)"
                     R"({"topic":"cdr_events"}]})"),
            "cdr_events is named twice");
}

TEST_F(DialogueTest, ASystemAdministratorSelectsTenants) {
  sign_in(R"("username":"admin")");
  error_of(R"({"command":"subscribe","topics":["global_cdr_events"],"tenants":["720000000000000001"]})");
  EXPECT_FALSE(gets(call_cdr(example_tenant)));
  EXPECT_TRUE(gets(call_cdr(other_tenant)));
}

TEST_F(DialogueTest, SelectorsOfSeveralSubscribesAddUp) {
  sign_in();
  error_of(R"({"command":"subscribe","topics":["extension_events"],"extensions":["101"]})");
  EXPECT_FALSE(gets(extension_call("102")));
  error_of(R"({"command":"subscribe","topics":["extension_events"],"extensions":["102"]})");
  EXPECT_TRUE(gets(extension_call("101")));
  EXPECT_TRUE(gets(extension_call("102")));
  EXPECT_FALSE(gets(extension_call("103")));
}

TEST_F(DialogueTest, UnsubscribeTakesElementsAndThenTheTopic) {
  sign_in();
  error_of(R"({"command":"subscribe","topics":["extension_events"],"extensions":["101","102"]})");
  EXPECT_EQ(error_of(R"({"command":"unsubscribe","topics":["extension_events"],"extensions":["101"]})"), "");
  EXPECT_FALSE(gets(extension_call("101")));
  EXPECT_TRUE(gets(extension_call("102")));
  const auto reaction = say(R"({"command":"unsubscribe","topics":["extension_events"]})");
  EXPECT_THAT(reaction.report, ElementsAre("unsubscribed extension_events"));
  EXPECT_EQ(dialogue_.subscription_count(), 0U);
  EXPECT_EQ(error_of(R"({"command":"unsubscribe","topics":["extension_events"]})"),
            "not subscribed to extension_events");
}

TEST_F(DialogueTest, AnUnknownEventGoesToEveryoneWithASubscription) {
  sign_in();
  EXPECT_FALSE(gets(R"({"event_type":"surprise"})"));
  error_of(R"({"command":"subscribe","topics":["cdr_events"]})");
  EXPECT_TRUE(gets(R"({"event_type":"surprise"})"));
  EXPECT_TRUE(gets("no JSON"));
}

TEST_F(DialogueTest, ThePasswordIsInNoReport) {
  behaviour_.reject_auth = true;
  const auto reaction = say(R"({"command":"auth","username":"admin","password":"secret"})");
  EXPECT_THAT(reaction.report, ElementsAre("auth rejected admin"));
}

TEST_F(DialogueTest, Version16SpeaksWithoutCommandAndTakesTopicsWithKeys) {
  behaviour_.dialect = Dialect::v16;
  EXPECT_THAT(say(R"({"command":"auth","name":"example","password":"secret"})").answers,
              ElementsAre(R"({"status":0})"));
  EXPECT_THAT(say(R"({"command":"auth","extension":"101","domain":"example.test","password":"no"})").answers,
              ElementsAre(R"({"error":"access_token , username , domain or password error","status":-1})"));
  EXPECT_THAT(say(R"({"command":"subscribe","topics":[{"topic":"extension_events","keys":["call_start"]},)"
                  R"({"topic":"cdr_events"}],"extensions":["101"]})")
                  .answers,
              ElementsAre(R"({"status":0})"));
  EXPECT_TRUE(gets(R"({"event_type":"call_start","caller":"101","callee":"5"})"));
  EXPECT_FALSE(gets(R"({"event_type":"call_ended","caller":"101","callee":"5"})"));
  EXPECT_FALSE(gets(R"({"event_type":"call_start","caller":"102","callee":"5"})"));
  EXPECT_TRUE(gets(R"({"event_type":"call_cdr"})"));
}

}  // namespace
}  // namespace pbxbridge::sim
