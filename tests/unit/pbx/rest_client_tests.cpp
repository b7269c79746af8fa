#include "async/run_until.hpp"
#include "pbx/rest_client.hpp"
#include "support/tcp_peer.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::pbx {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::string http(int status, const std::string& body) {
  return fmt::format("HTTP/1.1 {} Words\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}
const std::string login = http(200, R"({"access_token":"t0ken"})");
const std::string two_calls =
    http(200, R"({"count":2,"items":[{"id":"7","extension_number":""},{"id":"8","extension_number":""}]})");

class RestClientTest : public testing::Test {
 protected:
  /// Answers each request with what is returned for its first line; `number`: from 0.
  void serve(std::function<std::string(const std::string& line, int number)> answer) {
    peer_.emplace([this, answer = std::move(answer)](const test::TcpConversation& conversation, int number) {
      const std::string head = conversation.read_to("\r\n\r\n");
      ++requests_;
      conversation.write(answer(head.substr(0, head.find("\r\n")), number));
    });
    config::PbxConfig pbx;
    pbx.auth.username = "bridge";
    pbx.auth.domain = "example.test";
    pbx.auth.password = config::Secret::of_value("a-password");
    pbx.connect_timeout = config::Duration{500};
    pbx.rest.emplace().url.value = fmt::format("http://127.0.0.1:{}/api/", peer_->port());
    client_.emplace(io_, pbx);
  }
  Result<ListedNames> ask(RestList list = RestList::sessions) {
    std::optional<Result<ListedNames>> result;
    client_->ask(list, [&](Result<ListedNames> calls) { result = std::move(calls); });
    async::run_until(io_, std::chrono::steady_clock::now() + 50s, [&] { return result.has_value(); });
    return result.value_or(Error{ErrorCategory::internal, "it has not ended"});
  }
  std::string error(RestList list = RestList::sessions) {
    const auto result = ask(list);
    return result ? "" : result.error().text;
  }

  boost::asio::io_context io_;
  std::optional<RestClient> client_;
  std::atomic<int> requests_{0};
  std::optional<test::TcpPeer> peer_;
};

bool is_login(const std::string& line) { return line == "POST /api/login/oauth/token HTTP/1.1"; }

TEST_F(RestClientTest, LogsInAndLists) {
  std::string list;
  serve([&](const std::string& line, int) {
    if (!is_login(line)) list = line;
    return is_login(line) ? login : two_calls;
  });
  const auto calls = ask();
  ASSERT_TRUE(calls) << calls.error().text;
  EXPECT_THAT(*calls, ElementsAre("7", "8"));
  EXPECT_EQ(list, "GET /api/sessions?top=100&skip=0 HTTP/1.1");
}

TEST_F(RestClientTest, TriesAgainAfterTroubleAFewTimes) {
  serve([](const std::string& line, int number) {
    return number == 0 ? http(500, "") : is_login(line) ? login : two_calls;
  });
  EXPECT_TRUE(ask());
  serve([](const std::string&, int) { return http(503, ""); });
  requests_ = 0;
  EXPECT_EQ(error(), "the login was answered with HTTP status 503");
  EXPECT_EQ(requests_, 3);
}

TEST_F(RestClientTest, DoesNotLockAnAccountThatIsRejected) {
  serve([](const std::string&, int) { return http(401, R"({"errors":[{"message":"wrong"}]})"); });
  for (int question = 0; question < 3; ++question)
    EXPECT_EQ(error(), "the login was answered with HTTP status 401: wrong");
  EXPECT_EQ(requests_, 1);
}

TEST_F(RestClientTest, FailsWhereTheListIsForbidden) {
  serve([](const std::string& line, int) { return is_login(line) ? login : http(403, ""); });
  EXPECT_EQ(error(), "/sessions was answered with HTTP status 403");
}

TEST_F(RestClientTest, AsksForOtherListsWhereOneIsForbidden) {
  serve([](const std::string& line, int) {
    return is_login(line) ? login : line.find("/users?") != std::string::npos ? http(403, "") : two_calls;
  });
  for (int question = 0; question < 3; ++question) {
    EXPECT_EQ(error(RestList::users), "/users was answered with HTTP status 403");
    EXPECT_TRUE(ask(RestList::sessions));
  }
  EXPECT_EQ(requests_, 2 + 3 * 2) << "the list that is forbidden is asked for once";
}

TEST_F(RestClientTest, TakesQuestionsOneAfterAnother) {
  serve([](const std::string& line, int) { return is_login(line) ? login : two_calls; });
  std::vector<std::string> answered;
  const auto ask = [&](RestList list, const std::string& name) {
    client_->ask(list, [&answered, name](const Result<ListedNames>& names) {
      answered.push_back(name + (names ? "" : ": " + names.error().text));
    });
  };
  ask(RestList::sessions, "dropped");
  ask(RestList::users, "users");
  ask(RestList::sessions, "sessions");
  async::run_until(io_, std::chrono::steady_clock::now() + 50s, [&] { return answered.size() >= 2; });
  ask(RestList::users, "users again");
  async::run_until(io_, std::chrono::steady_clock::now() + 50s, [&] { return answered.size() >= 3; });
  EXPECT_THAT(answered, ElementsAre("users", "sessions", "users again"));
}

TEST_F(RestClientTest, FailsOnGarbage) {
  serve([](const std::string& line, int) { return is_login(line) ? login : http(200, "<html>Please log in</html>"); });
  EXPECT_EQ(error(), "the answer to /sessions is not a JSON object");
}

TEST_F(RestClientTest, FailsOnAnAnswerThatIsTooLarge) {
  serve([](const std::string& line, int) {
    return is_login(line) ? login
                          : http(200, R"({"count":0,"items":[],"more":")" + std::string(2'000'000, 'x') + "\"}");
  });
  EXPECT_EQ(error(), "its answer is too large");
}

TEST_F(RestClientTest, FailsOnAnAnswerThatDoesNotEnd) {
  serve([](const std::string& line, int) {
    return is_login(line) ? login : "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{";
  });
  EXPECT_NE(error(), "");
}

TEST_F(RestClientTest, FailsWhereNobodyListens) {
  serve([](const std::string&, int) { return login; });
  peer_.reset();
  EXPECT_NE(error(), "");
}

TEST_F(RestClientTest, IsSilentOnceItIsGone) {
  serve([](const std::string& line, int) { return is_login(line) ? login : two_calls; });
  bool is_called = false;
  client_->ask(RestList::sessions, [&](const Result<ListedNames>&) { is_called = true; });
  async::run_until(io_, std::chrono::steady_clock::now() + 20s, [&] { return requests_ == 1; });
  client_.reset();
  async::run_until(io_, std::chrono::steady_clock::now() + 100ms, [] { return false; });
  EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace pbxbridge::pbx
