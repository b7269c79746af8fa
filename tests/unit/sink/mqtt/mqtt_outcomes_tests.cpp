#include "mqtt/protocol.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace pbxbridge::sink {
namespace {

using enum Outcome::Kind;
using testing::HasSubstr;

struct Row {
  int code;
  Outcome::Kind kind;
};

class PublishOutcome : public testing::TestWithParam<Row> {};

TEST_P(PublishOutcome, IsAsTheStandardMeansIt) {
  const Outcome outcome = publish_outcome(GetParam().code, {});
  EXPECT_EQ(outcome.kind, GetParam().kind);
  EXPECT_EQ(outcome.reason.empty(), outcome.kind == delivered);
}

INSTANTIATE_TEST_SUITE_P(Mqtt5, PublishOutcome,
                         testing::Values(Row{0x00, delivered},  // success
                                         Row{0x10, delivered},  // no matching subscribers
                                         Row{0x80, retry},      // unspecified error
                                         Row{0x83, retry},      // implementation specific error
                                         Row{0x87, reject},     // not authorized
                                         Row{0x90, reject},     // topic name invalid
                                         Row{0x91, retry},      // packet identifier in use
                                         Row{0x92, retry},      // packet identifier not found
                                         Row{0x95, reject},     // packet too large
                                         Row{0x97, retry},      // quota exceeded
                                         Row{0x99, reject},     // payload format invalid
                                         Row{0x9A, retry},      // retain not supported
                                         Row{0x9B, retry},      // QoS not supported
                                         Row{0x7F, delivered},  // unknown, below 0x80: no rejection
                                         Row{0xFF, retry}));    // unknown rejection

TEST(PublishOutcomeTable, HasEachCodeOnce) {
  std::set<int> codes;
  for (const auto& row : publish_reasons()) EXPECT_TRUE(codes.insert(row.code).second) << row.text;
  EXPECT_EQ(codes.size(), 13U);
}

TEST(PublishOutcomeTable, NamesTheCodeAndKeepsTheBrokersWordsApart) {
  const Outcome outcome = publish_outcome(0x97, "come back tomorrow");
  EXPECT_EQ(outcome.reason, "quota exceeded (reason code 0x97)");
  EXPECT_EQ(outcome.peer_words, "come back tomorrow");
}

TEST(ConnectRejection, TellsAnAccountsTroubleFromABrokersTrouble) {
  for (const int code : {1, 2, 4, 5, 0x84, 0x85, 0x86, 0x87, 0x8A})
    EXPECT_EQ(connect_rejection(code, {}).category, ErrorCategory::rejected) << code;
  for (const int code : {3, 0x88, 0x89, 0x97, 0x9F})
    EXPECT_EQ(connect_rejection(code, {}).category, ErrorCategory::network) << code;
  EXPECT_THAT(connect_rejection(0x86, {}).text, HasSubstr("bad user name or password"));
  EXPECT_THAT(connect_rejection(0xEE, {}).text, HasSubstr("0xEE"));
}

TEST(DisconnectReason, SaysWhyAndKeepsTheBrokersWords) {
  EXPECT_THAT(disconnect_reason(0x8B, {"maintenance", {}}).text, HasSubstr("server shutting down"));
  EXPECT_EQ(disconnect_reason(0x8B, {"maintenance", {}}).peer_words, "maintenance");
  EXPECT_EQ(disconnect_reason(mqtt::reason::session_taken_over, {}).category, ErrorCategory::rejected);
}

TEST(DisconnectReason, TellsWhetherAMessageCanBeTheCause) {
  for (const int code : {0x00, 0x80, 0x82, 0x83, 0x87, 0x90, 0x95, 0x97, 0x98, 0x99, 0xEE})
    EXPECT_TRUE(disconnect_reason(code, {}).hung_up_at) << code;
  for (const int code : {0x89, 0x8B, 0x8D, 0x8E, 0x96, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F, 0xA0})
    EXPECT_FALSE(disconnect_reason(code, {}).hung_up_at) << code;
}

TEST(BrokerWords, AreLeftToTheCoreAsTheyCame) {
  const Error moved = disconnect_reason(0x9D, {"moved\nhouse", "mqtt2.example:1883"});
  EXPECT_EQ(moved.text,
            "the broker ended the connection: server moved (reason code 0x9D), it names mqtt2.example:1883 instead");
  EXPECT_EQ(moved.peer_words, "moved\nhouse");
}

TEST(BrokerWords, OfAnotherServerAreShownWhereTheyAreAListOfHosts) {
  for (const std::string hosts :
       {"alt.example", "alt.example:1883", "MQTT-2", "192.0.2.7", "192.0.2.7:8883", "[2001:db8::7]",
        "[2001:db8::7]:1883", "a.example:1883 b.example [::1]:1 192.0.2.7", "a3k7odsh-ats.iot.eu-central-1.example"})
    for (const Error& error : {disconnect_reason(0x9C, {{}, hosts}), connect_rejection(0x9D, {{}, hosts})}) {
      EXPECT_THAT(error.text, testing::EndsWith(", it names " + hosts + " instead"));
      EXPECT_EQ(error.peer_words, "") << hosts;
    }
}

TEST(BrokerWords, OfAnotherServerAreThePeersOwnWhereTheyAreNoListOfHosts) {
  for (const std::string& words : {std::string(R"(alt.example:1883/{"event_type":"extension_status"})"),
                                   std::string("other.example:1883 \x1b[31m"),
                                   std::string("/ +4915112345678"),
                                   std::string("4915112345678"),
                                   std::string("a4915112345678.example"),
                                   std::string("49-151-1234.example"),
                                   std::string("a.example:4915112345678"),
                                   std::string("a.example:0"),
                                   std::string("a.example:"),
                                   std::string(":1883"),
                                   std::string("[::1"),
                                   std::string("[::1]x"),
                                   std::string("[192.0.2.7]"),
                                   std::string("::1"),
                                   std::string("-a.example"),
                                   std::string("a..example"),
                                   std::string("a.example."),
                                   std::string("extension_status"),
                                   std::string("a.example\tb.example"),
                                   std::string("ann.example,bob.example"),
                                   std::string("j\xc3\xb6rg.example"),
                                   std::string(64, 'a'),
                                   std::string(500, 'a'),
                                   std::string("   ")})
    for (const Error& error : {disconnect_reason(0x9C, {{}, words}), connect_rejection(0x9D, {{}, words})}) {
      EXPECT_THAT(error.text, testing::EndsWith(")")) << words;
      EXPECT_EQ(error.peer_words, "use " + words + " instead");
    }
  EXPECT_EQ(disconnect_reason(0x9C, {"moved", "a/b"}).peer_words, "moved; use a/b instead");
}

}  // namespace
}  // namespace pbxbridge::sink
