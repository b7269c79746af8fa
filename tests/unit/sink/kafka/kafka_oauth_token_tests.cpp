#include "sink/kafka/oauth_refresh.hpp"
#include "sink/kafka/oauth_token.hpp"
#include "text/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr std::chrono::milliseconds now = 1'750'000'000s;
constexpr const char* secret = "open-sesame";

Result<OauthToken> read(unsigned status, const std::string& body) {
  return read_token_answer({status, body}, secret, now);
}

TEST(OauthTokenRequest, HoldsTheClientAsRfc6749Says) {
  SaslSettings settings;
  settings.token_endpoint = "https://login.example.com/oauth2/token?v=1";
  settings.client_id = "a client";
  settings.scope = "api://x/.default y";
  const net::HttpRequest request = token_request(settings, "p:+");
  EXPECT_EQ(request.server.host, "login.example.com");
  EXPECT_EQ(request.server.port, 443);
  EXPECT_TRUE(request.server.uses_tls);
  EXPECT_EQ(request.authority, "login.example.com");
  EXPECT_EQ(request.target, "/oauth2/token?v=1");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=api%3A%2F%2Fx%2F.default%20y");
  EXPECT_THAT(request.headers, Contains(Pair("Authorization", "Basic YSUyMGNsaWVudDpwJTNBJTJC")))
      << "a%20client:p%3A%2B";
  settings.token_endpoint = "http://[::1]:8080";
  EXPECT_EQ(token_request(settings, "").authority, "[::1]:8080");
  EXPECT_FALSE(token_request(settings, "").server.uses_tls);
}

TEST(OauthTokenAnswer, HoldsTheTokenAndItsLife) {
  const auto token = read(200, R"({"access_token":"abc","token_type":"Bearer","expires_in":60})");
  ASSERT_TRUE(token) << token.error().text;
  EXPECT_EQ(token->token, "abc");
  EXPECT_EQ(token->expires_at, now + 60s);
  EXPECT_EQ(read(200, R"({"access_token":"abc","expires_in":"60"})")->expires_at, now + 60s);
  for (const auto* without :
       {R"({"access_token":"abc"})", R"({"access_token":"abc","expires_in":null})",
        R"({"access_token":"abc","expires_in":-1})", R"({"access_token":"abc","expires_in":"x"})"})
    EXPECT_EQ(read(200, without)->expires_at, now + 300s) << without;
  EXPECT_GT(read(200, R"({"access_token":"abc","expires_in":1e300})")->expires_at, now);
}

TEST(OauthTokenAnswer, SaysWhyThereIsNone) {
  const Error rejection =
      read(401, R"({"error":"invalid_client","error_description":"the secret open-sesame is wrong\u0007\n"})").error();
  EXPECT_EQ(rejection.category, ErrorCategory::rejected);
  EXPECT_THAT(rejection.text, AllOf(HasSubstr("401"), HasSubstr("invalid_client"), HasSubstr("is wrong"),
                                    Not(HasSubstr(secret)), Not(HasSubstr("\n")), Not(HasSubstr("\a"))));
  // The request's own header, cut in the middle.
  text::remember_secret("a-longer-secret-of-a-client");
  const std::string encoded = "cGJ4YnJpZGdlOmEtbG9uZ2VyLXNlY3JldC1vZi1hLWNsaWVudA==";
  const Error echo =
      read(401, R"({"error_description":")" + std::string(156, 'x') + " Basic " + encoded + R"("})").error();
  EXPECT_THAT(echo.text, Not(HasSubstr("Basic cGJ4")));
  EXPECT_LT(read(400, R"({"error":")" + std::string(5000, 'x') + R"("})").error().text.size(), 400U);
  EXPECT_THAT(read(503, "<html>").error().text, HasSubstr("503"));
  EXPECT_EQ(read(503, "").error().category, ErrorCategory::network);
  EXPECT_THAT(read(200, "<html>").error().text, HasSubstr("not a JSON"));
  EXPECT_THAT(read(200, R"({"access_token":7})").error().text, HasSubstr("access_token"));
  EXPECT_THAT(read(200, R"([])").error().text, HasSubstr("not a JSON object"));
  EXPECT_EQ(read(200, R"({"access_token":"abc","expires_in":1e999})").error().text,
            "its answer holds a number that is too large");
}

TEST(OauthTokenAnswer, TellsAClientThatIsNotLetInFromARequestThatIsWrong) {
  EXPECT_TRUE(read(401, "").error().account_rejected);
  EXPECT_TRUE(read(403, "<html>").error().account_rejected);
  EXPECT_TRUE(read(400, R"({"error":"invalid_client"})").error().account_rejected);
  EXPECT_TRUE(read(400, R"({"error":"unauthorized_client"})").error().account_rejected);
  EXPECT_FALSE(read(400, R"({"error":"invalid_scope"})").error().account_rejected);
  EXPECT_FALSE(read(429, "").error().account_rejected);
  EXPECT_FALSE(read(503, R"({"error":"invalid_client"})").error().account_rejected);
}

TEST(NextOauthToken, IsAskedForBeforeTheLastHasRunOutButNotWithoutEnd) {
  EXPECT_EQ(use_of_token(3600s), 2880s);
  EXPECT_EQ(use_of_token(5s), 4s);
  for (const std::chrono::milliseconds life : {1000ms, 1ms, 0ms, -1000ms}) EXPECT_EQ(use_of_token(life), 3s);
}

TEST(NextOauthToken, OfARejectedAccountIsAskedForSeldomAndBeforeTheLastHasRunOut) {
  EXPECT_EQ(wait_for_next_token(false, 3600s), 10s);
  EXPECT_EQ(wait_for_next_token(true, 3600s), 300s);
  EXPECT_EQ(wait_for_next_token(true, 120s), 110s);
  EXPECT_EQ(wait_for_next_token(true, 12s), 10s);
  EXPECT_EQ(wait_for_next_token(true, 10s), 300s);
  EXPECT_EQ(wait_for_next_token(true, -60s), 300s);
}

}  // namespace
}  // namespace pbxbridge::sink
