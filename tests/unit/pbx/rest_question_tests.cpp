#include "pbx/rest_question.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pbxbridge::pbx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> ids;
  for (int id = from; id < to; ++id) ids.push_back(fmt::format("id{:04}", id));
  return ids;
}

std::string page(std::size_t count, const std::vector<std::string>& ids) {
  std::vector<std::string> items;
  for (const auto& id : ids) items.push_back(fmt::format(R"({{"id":"{}","calls":[{{"caller":"101"}}]}})", id));
  return fmt::format(R"({{"count":{},"items":[{}]}})", count, fmt::join(items, ","));
}

class RestQuestionTest : public testing::Test {
 protected:
  void log_in() { EXPECT_FALSE(question_.take({200, R"({"access_token":"t0ken","expires_in":1800})"})); }
  /// The reason for which this answer ends it; empty where it does not, or not with an error.
  std::string error_of(const std::string& body, unsigned status = 200) {
    const auto result = question_.take({status, body});
    return result && !*result ? result->error().text : "";
  }
  ErrorCategory category_of(unsigned status) { return question_.take({status, ""})->error().category; }

  RestQuestion question_{RestList::sessions, {"a user", "p&ss=", "example.test"}};
};

TEST_F(RestQuestionTest, LogsInFirst) {
  const auto login = question_.next();
  EXPECT_EQ(login.method, "POST");
  EXPECT_EQ(login.target, "/login/oauth/token");
  EXPECT_EQ(login.body,
            "grant_type=password&scope=all&username=a%20user&password=p%26ss%3D&domain=example.test&client_id="
            "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a");
  log_in();
  const auto list = question_.next();
  EXPECT_EQ(list.method, "GET");
  EXPECT_EQ(list.target, "/sessions?top=100&skip=0");
  EXPECT_THAT(list.headers, testing::Contains(std::pair<std::string, std::string>("Authorization", "Bearer t0ken")));
}

TEST_F(RestQuestionTest, HasTheIdsOfAllCalls) {
  log_in();
  const auto calls = question_.take({200, page(2, {"7", "8"})});
  ASSERT_TRUE(calls && *calls);
  EXPECT_THAT(**calls, ElementsAre("7", "8"));
}

TEST_F(RestQuestionTest, MayFindNone) {
  log_in();
  const auto calls = question_.take({201, R"({"count":0,"items":[]})"});
  ASSERT_TRUE(calls && *calls);
  EXPECT_THAT(**calls, IsEmpty());
}

TEST_F(RestQuestionTest, ReadsPageAfterPage) {
  log_in();
  EXPECT_FALSE(question_.take({200, page(150, numbered(0, 100))}));
  EXPECT_EQ(question_.next().target, "/sessions?top=100&skip=99") << "the last one again";
  const auto calls = question_.take({200, page(150, numbered(99, 150))});
  ASSERT_TRUE(calls && *calls);
  EXPECT_EQ((*calls)->size(), 150U);
}

TEST_F(RestQuestionTest, TakesAllAtOnceFromAPbxThatHasNoPages) {
  log_in();
  const auto calls = question_.take({200, page(500, numbered(0, 500))});
  ASSERT_TRUE(calls && *calls);
  EXPECT_EQ((*calls)->size(), 500U);
}

TEST_F(RestQuestionTest, FailsWhereACallMayHaveSlippedBetweenPages) {
  log_in();
  EXPECT_EQ(error_of(page(150, numbered(0, 100))), "");
  EXPECT_THAT(error_of(page(149, numbered(100, 150))), HasSubstr("changed while it was read")) << "one has ended";
}

TEST_F(RestQuestionTest, FailsWhereThePbxHasNoPagesAndStopsAtOne) {
  log_in();
  EXPECT_EQ(error_of(page(150, numbered(0, 100))), "");
  EXPECT_THAT(error_of(page(150, numbered(0, 100))), HasSubstr("changed while it was read"));
}

TEST_F(RestQuestionTest, FailsWhereThePbxCountsMoreThanItLists) {
  log_in();
  EXPECT_EQ(error_of(page(9, {"1", "2"})), "");
  EXPECT_EQ(error_of(page(9, {"2"})), "it counts more calls than it lists");
}

TEST_F(RestQuestionTest, FailsOnAnEmptyListThatIsCounted) {
  log_in();
  EXPECT_EQ(error_of(R"({"count":3,"items":[]})"), "it counts more calls than it lists");
}

TEST_F(RestQuestionTest, FailsOnWhatItCannotUnderstand) {
  for (const std::string body :
       {"", "<!DOCTYPE html><html></html>", "[]", "{}", R"({"items":[]})", R"({"count":1})",
        R"({"count":-1,"items":[]})", R"({"count":"1","items":[{"id":"1"}]})", R"({"count":1,"items":{}})",
        R"({"count":1,"items":[1]})", R"({"count":1,"items":[{}]})", R"({"count":1,"items":[{"id":""}]})",
        R"({"count":1,"items":[{"id":null}]})", R"({"count":1,"items":[{"id":"1"},{"id":"2"}]})",
        R"({"count":2,"items":[{"id":"1"},{"id":"1"}]})", R"({"count":1000000000,"items":[]})",
        R"({"count":0,"items":[]})"
        "x"}) {
    question_ = RestQuestion(RestList::sessions, {"a", "b", "c"});
    log_in();
    EXPECT_NE(error_of(body), "") << body;
  }
}

TEST_F(RestQuestionTest, HasQueuesAndExtensionsByIdAndNumber) {
  question_ = RestQuestion(RestList::call_queues, {"a", "b", "c"});
  log_in();
  EXPECT_EQ(question_.next().target, "/call_queues?top=100&skip=0");
  const auto queues = question_.take({200, R"({"count":1,"items":[{"id":"7","extension_number":"8001"}]})"});
  ASSERT_TRUE(queues && *queues);
  EXPECT_THAT(**queues, ElementsAre("7", "8001"));
  question_ = RestQuestion(RestList::users, {"a", "b", "c"});
  log_in();
  EXPECT_EQ(question_.next().target, "/users?top=100&skip=0");
  const auto users = question_.take(
      {200, R"({"count":2,"items":[{"id":"7","extension_number":"101"},{"id":"8","extension_number":""}]})"});
  ASSERT_TRUE(users && *users);
  EXPECT_THAT(**users, ElementsAre("101", "7", "8")) << "a user may have no extension";
}

TEST_F(RestQuestionTest, FailsWhereANumberIsNotWhatItShouldBe) {
  for (const std::string number : {"", R"(,"extension_number":8001)", R"(,"extension_number":null)"})
    for (const auto list : {RestList::call_queues, RestList::users}) {
      question_ = RestQuestion(list, {"a", "b", "c"});
      log_in();
      EXPECT_NE(error_of(R"({"count":1,"items":[{"id":"7")" + number + "}]}"), "") << number;
    }
  question_ = RestQuestion(RestList::call_queues, {"a", "b", "c"});
  log_in();
  EXPECT_EQ(error_of(R"({"count":1,"items":[{"id":"7","extension_number":""}]})"),
            "the answer to /call_queues has an entry without an id or number");
}

TEST_F(RestQuestionTest, FailsOnALoginWithoutAToken) {
  for (const std::string body :
       {"", "{}", R"({"access_token":""})", R"({"access_token":7})", R"({"access_token":"a\r\nHost: b"})"}) {
    question_ = RestQuestion(RestList::sessions, {"a", "b", "c"});
    EXPECT_NE(error_of(body), "") << body;
  }
}

TEST_F(RestQuestionTest, SaysWhatThePbxSays) {
  EXPECT_EQ(error_of(R"({"errors":[{"code":"invalid_grant","message":"username , domain or password error"}]})", 400),
            "the login was answered with HTTP status 400: username , domain or password error");
}

TEST_F(RestQuestionTest, SaysNoNumberOfPeople) {
  EXPECT_EQ(error_of(R"({"errors":[{"message":"4915112345678 has no account"}]})", 400),
            "the login was answered with HTTP status 400: (a number) has no account");
}

TEST_F(RestQuestionTest, DoesNotRepeatWhatMayHoldTheToken) {
  log_in();
  EXPECT_EQ(error_of(R"({"errors":[{"message":"t0ken has expired"}]})", 401),
            "/sessions was answered with HTTP status 401");
}

TEST_F(RestQuestionTest, TellsWhatIsFinalFromWhatMayPass) {
  for (const unsigned status : {400U, 401U, 403U, 404U}) EXPECT_EQ(category_of(status), ErrorCategory::rejected);
  for (const unsigned status : {302U, 408U, 429U, 500U, 503U}) EXPECT_EQ(category_of(status), ErrorCategory::network);
}

}  // namespace
}  // namespace pbxbridge::pbx
