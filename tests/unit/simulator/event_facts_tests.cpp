#include "simulator/model/accounts.hpp"
#include "simulator/model/event_facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Facts : public ::testing::Test {
 protected:
  EventFacts of(std::string_view frame, Dialect dialect = Dialect::v22) const {
    return facts_of(frame, world_, dialect);
  }
  World world_{default_installation().tenants};
};

TEST_F(Facts, AnExtensionIsKnownByTheUserOfItsUri) {
  const auto facts = of(R"({"event_type":"extension_call","extension":"sip:101@example.test","tenant_id":"7"})");
  EXPECT_EQ(facts.family, Family::extension);
  EXPECT_THAT(facts.extensions, ElementsAre("101"));
  EXPECT_EQ(facts.tenant_id, "7");
}

TEST_F(Facts, AStatusIsAboutEveryExtensionInIt) {
  const auto facts =
      of(R"({"event_type":"extension_status","status":[{"extension":"sip:101@a"},7,{"extension":"sip:102@a"}]})");
  EXPECT_THAT(facts.extensions, ElementsAre("101", "102"));
}

TEST_F(Facts, AQueueIsKnownByItsNumberOrByItsId) {
  EXPECT_THAT(of(R"({"event_type":"queue_status","queue_number":"8009","queue_id":"1"})").queues, ElementsAre("8009"));
  EXPECT_THAT(of(R"({"event_type":"queue_agent_status","queue_id":"710000000000008001"})").queues, ElementsAre("8001"));
  EXPECT_THAT(of(R"({"event_type":"queue_agent_status","queue_id":"12"})").queues, ElementsAre("12"));
}

TEST_F(Facts, WhatIsNotUnderstoodIsOfTheUnknownFamily) {
  for (const char* frame : {"", "no JSON", "[1]", "{}", R"({"event_type":7})", R"({"event_type":"surprise"})"})
    EXPECT_EQ(of(frame).family, Family::unknown) << frame;
  EXPECT_THAT(of("no JSON").event_type, IsEmpty());
}

TEST_F(Facts, Version16HasItsOwnFamilies) {
  const std::string start = R"({"event_type":"call_start","caller":"sip:101@a","callee":"102"})";
  EXPECT_EQ(of(start).family, Family::cdr);
  EXPECT_EQ(of(start, Dialect::v16).family, Family::extension);
  EXPECT_THAT(of(start, Dialect::v16).extensions, ElementsAre("101", "102"));
  EXPECT_EQ(of(R"({"event_type":"trunk_connected"})", Dialect::v16).family, Family::trunk);
}

}  // namespace
}  // namespace pbxbridge::sim
