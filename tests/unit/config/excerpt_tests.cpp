#include "config/excerpt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string excerpt(const std::string& text, int line, int column) {
  return Excerpt(text, {"password", "client_secret", "value"}).at({line, column});
}

TEST(Excerpt, ShowsTheLineAndACaretBelowTheColumn) {
  EXPECT_EQ(excerpt("pbx:\n  - nam: hq\n", 2, 5), "    2 |   - nam: hq\n      |     ^\n");
  EXPECT_EQ(excerpt("pbx: []", 1, 6), "    1 | pbx: []\n      |      ^\n");
  EXPECT_EQ(excerpt("\tx: 1\r\n", 1, 2), "    1 |  x: 1\n      |  ^\n");
}

TEST(Excerpt, IsEmptyWhereThereIsNoSuchLine) {
  EXPECT_EQ(excerpt("a: 1\n", 0, 0), "");
  EXPECT_EQ(excerpt("a: 1\n", 2, 1), "");
  EXPECT_EQ(excerpt("", 1, 1), "");
}

TEST(Excerpt, CountsCharactersAndShowsNothingThatATerminalObeys) {
  EXPECT_EQ(excerpt("n\xc3\xbc: x\x1b[2J\n", 1, 4), "    1 | n\xc3\xbc: x?[2J\n      |   ^\n");
}

TEST(Excerpt, OfALongLineShowsTheSurroundings) {
  const std::string shown = excerpt("a: " + std::string(1000, 'x') + "here" + std::string(1000, 'y'), 1, 1004);
  EXPECT_LT(shown.size(), 400U);
  EXPECT_THAT(shown, HasSubstr("here"));
  const auto second = shown.find('\n') + 1;
  EXPECT_EQ(shown.find("here"), shown.find('^', second) - second);
}

TEST(Excerpt, LeavesSecretsOut) {
  for (const std::string line : {"password: hunter2",
                                 "auth: { username: a, password: hunter2, domian: x }",
                                 "password: \"hunter2\"",
                                 "auth: { password: \"hun,ter2}\", domian: x }",
                                 "password: 'hunter2",
                                 "pasword: hunter2",
                                 "passwrd : hunter2",
                                 "password:hunter2",
                                 "\"password\": hunter2",
                                 "client_secret: hunter2",
                                 "sasl.password: hunter2",
                                 "headers: [{ name: Authorization, value: hunter2 }]",
                                 "ssl.key.password: hunter2",
                                 "Password: hunter2",
                                 "url: \"mqtt://user:hunter2@host\"",
                                 "api_token: !hunter2",
                                 "options: { sasl.jaas.config: \"a password='hunter2'\" }",
                                 "password: a, hunter2",
                                 "password: a: hunter2",
                                 "auth: { username: a, password hunter2 }",
                                 "auth: { username: a, password  hunter2, x: y }",
                                 "pw: hunter2",
                                 "auth: user:hunter2",
                                 "auth: [user, hunter2]",
                                 "x: { auth: [user, hunter2], y: z }",
                                 "x: { password: { a: b, c: hunter2 } }",
                                 "auth: \"user hunter2\"",
                                 "sasl: 'PLAIN user hunter2'",
                                 "url: 'mqtt://user:a/hunter2@host'",
                                 "url: 'mqtt://user:a#b@hunter2@host/x'",
                                 "url: 'mqtt://user:a,hunter2@host'",
                                 "url: mqtt://user:a,hunter2@host",
                                 "x: { url: 'mqtt://user:a\"} hunter2@host', y: z }",
                                 "url: \"mqtt://user:a'[hunter2]@host\"",
                                 "url: user:hunter2@host",
                                 "brokers: ['user:hunter2@kafka:9092']"}) {
    for (int column = 1; column <= static_cast<int>(line.size()) + 1; ++column) {
      EXPECT_THAT(excerpt(line + "\n", 1, column), Not(HasSubstr("hunter2"))) << line;
      EXPECT_THAT(excerpt(line + "\n", 1, column), Not(HasSubstr("ter2"))) << line;
    }
  }
}

TEST(Excerpt, LeavesSecretsOverSeveralLinesOut) {
  for (const std::string text :
       {"a:\n  password: |\n    hunter2\n  x: 1\n", "a:\n  password:\n    hunter2\n",
        "  - password: >-\n      one\n\n      hunter2\n  - x: 1\n", "password: \"one\n  hunter2\"\n"})
    for (int line = 1; line <= 5; ++line) EXPECT_THAT(excerpt(text, line, 5), Not(HasSubstr("hunter2"))) << text;
}

TEST(Excerpt, ShowsWhatIsNoSecret) {
  for (const std::string line :
       {"password_file: /run/secrets/x", "key: \"{session_id}\"", "keys: [call_cdr]", "auth: { username: bridge }",
        "auth_retry: { initial: 30s }", "topic: pbx.cdr.v1", "username: bridge", "auth: # the account",
        "auth:", "auth: { username: a@b, domain: c }", "url: wss://pbx.example.com:8887/wsi", "password"})
    EXPECT_THAT(excerpt(line, 1, 1), HasSubstr(line));
}

}  // namespace
}  // namespace pbxbridge::config
