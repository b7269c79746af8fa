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
                                 "X-Api-Key: hunter2",
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
                                 "brokers: ['user:hunter2@kafka:9092']",
                                 "auth: { password: a,hunter2 }",
                                 "auth: { password: a}hunter2 }",
                                 "auth: { password: 'it's,hunter2' }",
                                 "auth: { password : \"x\" hunter2 }",
                                 "auth: { password: \"a\\qb\", hunter2\" }",
                                 "out: { type: x, auth: { password: a}hunter2 }, y: z }",
                                 "url: wss://hunter2@host/wsi",
                                 "url: wss://host/wsi?apikey=hunter2",
                                 "url: \"wss://host/wsi?a=b&c= hunter2\"",
                                 "x: 'a://b \"c://hunter2@d'"}) {
    for (int column = 1; column <= static_cast<int>(line.size()) + 1; ++column) {
      EXPECT_THAT(excerpt(line + "\n", 1, column), Not(HasSubstr("hunter2"))) << line;
      EXPECT_THAT(excerpt(line + "\n", 1, column), Not(HasSubstr("ter2"))) << line;
    }
  }
}

TEST(Excerpt, LeavesSecretsOverSeveralLinesOut) {
  for (const std::string text :
       {"a:\n  password: |\n    hunter2\n  x: 1\n", "a:\n  password:\n    hunter2\n",
        "a: { password: \"one\n  hunter2\", x: y }\n", "a: {\n  password: \"one\n  hunter2\", x: y }\n",
        "a: {\n  password: one\n  hunter2 }\n", "a: { b: [],\n  password:\n  hunter2 }\n",
        "a: { b: \"{c}\", # {\n  password: one\n  two,\n  hunter2 }\n", "password: \"one\nhunter2\"\n",
        "  - password: >-\n      one\n\n      hunter2\n  - x: 1\n", "password: \"one\n  hunter2\"\n",
        "    password: |\n   hunter2\n", "  password:\n hunter2\n", "  password: # here\n\n hunter2\n",
        "pass\u200bword: hunter2\n", "? password\n: hunter2\n", "{ \"password\"\n  : hunter2 }\n",
        "a: { # password: old }\n  password: one\n  hunter2 }\n"})
    for (int line = 1; line <= 5; ++line) EXPECT_THAT(excerpt(text, line, 5), Not(HasSubstr("hunter2"))) << text;
}

TEST(Excerpt, ShowsWhatFollowsASecretOnLinesOfItsOwn) {
  const std::string text =
      "a: {\n  password: \"one\n  two\",\n  shown: x }\nb: { password: {} }\n  shown: {c}\nshown: 1\n"
      "  password: |\nshown: 2\n  - password:\n# shown\n";
  for (const int line : {4, 6, 7, 9, 11}) EXPECT_THAT(excerpt(text, line, 1), HasSubstr("shown")) << line;
}

// Nobody waits for the excerpts of a file that is as large as one may be, whatever it is made of.
TEST(Excerpt, TakesTimeThatGrowsWithTheTextAlone) {
  for (const std::string_view unit : {" ",      "\t",      ":",      "=",        "a:b@ ",     "://",  "x://", "a",
                                      "a ",     "pw: ",    "auth: ", "auth: {",  "{",         "'",    "\"",   "pw: '",
                                      "pw: \"", "{pw: ",   "@",      "a://@",    "'a://b\" ", "?",    "#",    "\n",
                                      "pw:\n",  "- pw:\n", "{pw:\n", "}\n{pw:'", "\xc3\xbc",  "a@b:c"}) {
    std::string text = "#";
    while (text.size() < 1'000'000) text += unit;
    const Excerpt excerpt(text, {"password", "client_secret", "value"});
    for (int i = 0; i < 100; ++i) excerpt.at({1, 10'000 * i});
    for (int i = 0; i < 100; ++i) excerpt.at({10'000 * i, 1});
  }
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
