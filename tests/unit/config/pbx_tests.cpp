#include "configuration_text.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;

struct PbxText {
  std::string url = "wss://pbx.example.com:8887/wsi";
  std::string auth = "{ username: bridge, password: open-sesame }";
  std::string subscribe = "{ topic: cdr_events }";
  std::string rest;

  std::string problems() const {
    ConfigurationText text;
    text.pbx =
        "  - name: hq\n    url: " + url + "\n    auth: " + auth + "\n    subscribe: [" + subscribe + "]\n" + rest;
    return text.problems();
  }
};

std::string problems_of_url(const std::string& url) { return PbxText{.url = url}.problems(); }
std::string problems_of_auth(const std::string& auth) { return PbxText{.auth = auth}.problems(); }
std::string problems_of_subscription(const std::string& entry) { return PbxText{.subscribe = entry}.problems(); }

TEST(PbxUrl, IsAWebSocketAddress) {
  EXPECT_EQ(problems_of_url("wss://[2001:db8::1]:8887/wsi"), "");
  EXPECT_EQ(problems_of_url("https://pbx.example.com"),
            "f.yaml:3:10: error: url: must begin with wss:// (or ws:// for a PBX without TLS)\n");
  EXPECT_THAT(problems_of_url("pbx.example.com:8887"), HasSubstr("f.yaml:3:10: error: url: "));
  EXPECT_THAT(problems_of_url("wss://pbx.example.com:88870/wsi"), HasSubstr("error: url: "));
  EXPECT_THAT(problems_of_url("wss://:8887/wsi"), HasSubstr("names no host"));
}

TEST(PbxUrl, HoldsNoPasswordAndIsNotRepeatedIfItDoes) {
  EXPECT_EQ(
      problems_of_url("wss://bridge:hunter2@pbx.example.com/wsi"),
      "f.yaml:3:10: error: url: holds a user name or password; give them as \"username\" and \"password_file\"\n");
}

TEST(PbxUrl, WithoutTlsIsAWarningBeyondTheLoopback) {
  EXPECT_THAT(problems_of_url("ws://pbx.example.com:8887/wsi"), HasSubstr("3:10: warning: ws:// sends the password"));
  for (const char* url : {"ws://127.0.0.1:1/wsi", "ws://localhost:1", "ws://[::1]:1/wsi"})
    EXPECT_EQ(problems_of_url(url), "") << url;
}

TEST(PbxTls, WarnsLoudlyWhenNothingIsVerified) {
  PbxText text;
  text.rest = "    tls: { insecure_skip_verify: true }\n";
  EXPECT_THAT(text.problems(), HasSubstr("6:12: warning: the certificate will NOT be verified"));
}

TEST(PbxTls, TakesCertificateAndKeyTogether) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "file.pem";
  std::ofstream(file) << "-";
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  PbxText text;
  text.rest = "    tls: { cert_file: " + file + " }\n";
  EXPECT_EQ(text.problems(), "f.yaml:6:12: error: \"cert_file\" and \"key_file\" go together\n");
  text.rest = "    tls: { key_file: " + file + " }\n";
  EXPECT_EQ(text.problems(), "f.yaml:6:12: error: \"cert_file\" and \"key_file\" go together\n");
}

TEST(PbxAuth, HasThreeForms) {
  EXPECT_EQ(problems_of_auth("{ username: admin, password: x }"), "");
  test::TemporaryDirectory directory;
  const std::string password = (directory / "password").string();
  std::ofstream(password) << "open-sesame\n";
  EXPECT_EQ(problems_of_auth("{ username: u, password_file: " + password + ", domain: test.io }"), "");
  EXPECT_EQ(problems_of_auth("{ extension_number: 101, password: x, domain: test.io }"), "");
  EXPECT_EQ(problems_of_auth("{ username: u, access_token: x }"), "");
}

TEST(PbxAuth, RejectsEverythingElse) {
  EXPECT_THAT(problems_of_auth("{ password: x }"),
              HasSubstr("4:11: error: missing \"username\" or \"extension_number\""));
  EXPECT_THAT(problems_of_auth("{ username: u }"), HasSubstr("4:11: error: missing \"password_file\" or \"password\""));
  EXPECT_THAT(problems_of_auth("{ username: u, extension_number: 101, domain: d, password: x }"),
              HasSubstr("not both"));
  EXPECT_THAT(problems_of_auth("{ extension_number: 101, password: x }"), HasSubstr("needs the \"domain\""));
  EXPECT_THAT(problems_of_auth("{ username: u, password: x, access_token: y }"),
              HasSubstr("either a password or an access token"));
}

TEST(Subscription, NeedsTheListItsTopicTakes) {
  EXPECT_EQ(problems_of_subscription("{ topic: extension_events }"),
            "f.yaml:5:17: error: extension_events needs \"extensions\": whose events are wanted?\n");
  EXPECT_EQ(problems_of_subscription("{ topic: queue_events, queues: [8001] }"), "");
  EXPECT_EQ(problems_of_subscription("{ topic: global_queue_events, tenants: [\"1\"] }"), "");
  EXPECT_EQ(problems_of_subscription("{ topic: cdr_events, extensions: [\"101\"] }"),
            "f.yaml:5:17: error: cdr_events takes no \"extensions\"\n");
  EXPECT_EQ(problems_of_subscription("{ topic: queue_events, queues: [a], tenants: [b] }"),
            "f.yaml:5:17: error: queue_events takes no \"tenants\", but \"queues\"\n");
  EXPECT_THAT(problems_of_subscription("{ topic: queue_events, queues: [\"\"] }"),
              HasSubstr("queues: must not be empty"));
}

TEST(Subscription, ToAnUnknownTopicIsSentWithAWarning) {
  EXPECT_EQ(problems_of_subscription("{ topic: cdr_event }"),
            "f.yaml:5:17: warning: \"cdr_event\" is not a known topic of this version of the PBX, did you mean "
            "\"cdr_events\"?; it is subscribed to all the same\n");
}

TEST(Subscription, OfVersion16HasKeys) {
  PbxText text{.subscribe = "{ topic: trunk_events, keys: [trunk_connected] }", .rest = "    dialect: \"16\"\n"};
  EXPECT_EQ(text.problems(), "");
  text.rest = "";
  EXPECT_THAT(text.problems(), HasSubstr("5:17: error: \"keys\" is for `dialect: \"16\"`"));
  EXPECT_THAT((PbxText{.rest = "    dialect: 16\n"}).problems(), HasSubstr("cdr_events needs \"keys\""));
}

TEST(Subscription, TwiceIsAWarning) {
  EXPECT_THAT(problems_of_subscription("{ topic: cdr_events }, { topic: cdr_events }"),
              HasSubstr("5:40: warning: the same subscription stands in line 5"));
}

TEST(Pbx, NeedsASubscription) { EXPECT_THAT(problems_of_subscription(""), HasSubstr("nothing is subscribed to")); }

TEST(Pbx, HasTimesThatFitTogether) {
  PbxText text;
  text.rest = "    ping_interval: 30s\n";
  EXPECT_EQ(text.problems(), "f.yaml:6:5: error: \"ping_interval\" must be shorter than \"peer_timeout\"\n");
  text.rest = "    reconnect: { initial: 1m }\n";
  EXPECT_EQ(text.problems(), "f.yaml:6:18: error: \"initial\" must not be longer than \"maximum\" (30s)\n");
  text.rest = "    auth_retry: { initial: 1m }\n";
  EXPECT_EQ(text.problems(), "") << "the maximum here is 5m, not that of reconnect";
}

}  // namespace
}  // namespace pbxbridge::config
