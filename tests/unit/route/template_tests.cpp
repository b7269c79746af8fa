#include "route/event_fields.hpp"
#include "route/template.hpp"
#include "routes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::route {
namespace {

constexpr std::string_view payload =
    R"({"event_type":"queue_status","tenant_id":"71","queue_number":"8001","entity":"theirs","did":"","count":3,
        "open":true,"ratio":1.5,"id":710000000000000123456789,"none":null,
        "agents":[{"state":"READY","tags":["a","b"]}],"payload":{"x":"inner"}})";

/// Renders the event above, or says why it cannot.
std::string rendered(std::string_view text) {
  const auto parsed = Template::parse(text);
  if (!parsed) return "error: " + parsed.error().text;
  const auto event = event_of(payload);
  event::JsonDocument document;
  EventFields fields(*event, document);
  std::string out;
  const bool made = parsed->render(
      fields, [](std::string_view value, std::string& to) { to += value; }, out);
  return made ? out : "(missing)";
}

TEST(Template, PutsInAttributesAndFieldsOfThePayload) {
  EXPECT_EQ(rendered("pbx/{pbx}/{family}/{entity}/{event_type}"), "pbx/hq/queue/8001/queue_status");
  EXPECT_EQ(rendered("{tenant}.{entity_kind}"), "71.queue");
  EXPECT_EQ(rendered("{date}"), "2025-11-24");
  EXPECT_EQ(rendered("{queue_number}"), "8001");
  EXPECT_EQ(rendered("{content_hash}").size(), 32U);
}

TEST(Template, WritesNumbersAndBooleansAsTheyStand) {
  EXPECT_EQ(rendered("{count} {open} {ratio}"), "3 true 1.5");
  EXPECT_EQ(rendered("{payload.id}"), "710000000000000123456789");
}

TEST(Template, FollowsDotsIntoObjectsAndArrays) {
  EXPECT_EQ(rendered("{agents.0.state}"), "READY");
  EXPECT_EQ(rendered("{payload.agents.0.tags.1}"), "b");
  EXPECT_EQ(rendered("{agents.1.state|none}"), "none");
  EXPECT_EQ(rendered("{agents.state|none}"), "none");
  EXPECT_EQ(rendered("{agents.-1.state|none}"), "none");
  EXPECT_EQ(rendered("{queue_number.x|none}"), "none");
}

TEST(Template, TakesAnAttributeBeforeAFieldOfTheSameName) {
  EXPECT_EQ(rendered("{entity}"), "8001");
  EXPECT_EQ(rendered("{payload.entity}"), "theirs");
  EXPECT_EQ(rendered("{payload.payload.x}"), "inner");
}

TEST(Template, TakesTheDefaultForWhatIsMissingOrEmpty) {
  EXPECT_EQ(rendered("q/{nothing|none}"), "q/none");
  EXPECT_EQ(rendered("q/{did|none}"), "q/none");
  EXPECT_EQ(rendered("q/{none|null}"), "q/null");
  EXPECT_EQ(rendered("q/{agents|list}"), "q/list");
  EXPECT_EQ(rendered("q{nothing|}"), "q");
  EXPECT_EQ(rendered("{id|not accepted}"), "not accepted");
}

TEST(Template, FailsOnWhatIsMissingWithoutADefault) {
  EXPECT_EQ(rendered("{nothing}"), "(missing)");
  EXPECT_EQ(rendered("{did}"), "(missing)");
}

TEST(Template, HasBracesByDoublingThem) {
  EXPECT_EQ(rendered("{{a}}{family}{{"), "{a}queue{");
  EXPECT_EQ(rendered(""), "");
}

TEST(Template, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(rendered("a{family"), R"(error: "{" is not closed; write "{{" for the character itself (at character 2))");
  EXPECT_EQ(rendered("ab}c"), R"(error: "}" closes nothing; write "}}" for the character itself (at character 3))");
  EXPECT_EQ(rendered("{}"), R"(error: "{}" names no field (at character 1))");
  EXPECT_EQ(rendered("{a..b}"), R"(error: "{a..b}" names no field (at character 1))");
  EXPECT_EQ(rendered("{a.}"), R"(error: "{a.}" names no field (at character 1))");
  EXPECT_EQ(rendered("{payload.}"), R"(error: "{payload.}" names no field (at character 1))");
  EXPECT_EQ(rendered("{ family }"), R"(error: "{ family }" names no field (at character 1))");
  EXPECT_EQ(rendered("{a|{b}}"), R"(error: "{" inside a placeholder (at character 1))");
}

}  // namespace
}  // namespace pbxbridge::route
