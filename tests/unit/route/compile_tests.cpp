#include "routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::route {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Messages about one route, apart from the sinks that no route leads to.
std::vector<std::string> problems(std::string_view match, std::string_view to) {
  const Routes routes("routes:\n  - match: " + std::string(match) + "\n    to: " + std::string(to) + "\n");
  std::vector<std::string> lines;
  for (auto& line : routes.problems())
    if (line.find("no route leads to") == std::string::npos) lines.push_back(std::move(line));
  return lines;
}

TEST(Compiling, FindsNothingToSayOfGoodRoutes) {
  EXPECT_THAT(problems("{ family: cdr, event_type: call_cdr, pbx: [hq, \"*\"], direction: inbound }",
                       R"({ sink: lake, topic: "pbx.{family}.{tenant_id|none}", key: "{session_id}" })"),
              IsEmpty());
}

TEST(Compiling, NamesTheSinkThatWasMeant) {
  EXPECT_THAT(problems("{}", "{ sink: lkae, topic: t }"),
              ElementsAre(R"(3:error: there is no sink "lkae", did you mean "lake"?)"));
  EXPECT_THAT(problems("{}", "{ sink: nowhere, topic: t }"), ElementsAre(R"(3:error: there is no sink "nowhere")"));
}

TEST(Compiling, ChecksADestinationWhoseSinkDoesNotExist) {
  EXPECT_THAT(problems("{}", R"({ sink: nowhere, topic: "a{", key: "{}", fallback_topic: "x{y}" })"),
              UnorderedElementsAre(HasSubstr("there is no sink"), HasSubstr("error: topic: \"{\" is not closed"),
                                   HasSubstr("error: key: \"{}\" names no field"),
                                   HasSubstr("error: fallback_topic \"x{y}\" must be a fixed text")));
  EXPECT_THAT(problems("{}", R"({ sink: nowhere, topic: "{familly}" })"),
              UnorderedElementsAre(HasSubstr("there is no sink"), HasSubstr("did you mean \"{family}\"?")));
}

TEST(Compiling, NamesTheFamilyThatWasMeant) {
  EXPECT_THAT(problems("{ family: crd }", "{ sink: log }"),
              ElementsAre(R"(2:error: there is no family "crd", did you mean "cdr"?)"));
  EXPECT_THAT(problems("{ not: { family: [cdr, whatever] } }", "{ sink: log }"),
              ElementsAre("2:error: there is no family \"whatever\"; the families are extension_management, extension, "
                          "cdr, queue_management, queue, trunk, bridge, state, unknown"));
  EXPECT_THAT(problems("{ family: \"call*\" }", "{ sink: log }"), Contains(HasSubstr("error: there is no family")));
}

TEST(Compiling, WarnsOfASnapshotThatIsNeitherTrueNorMissing) {
  EXPECT_THAT(problems("{ not: { snapshot: \"false\" } }", "{ sink: log }"),
              ElementsAre(HasSubstr("2:warning: \"snapshot\" is \"true\" or not there")));
  EXPECT_THAT(problems("{ not: { snapshot: \"true\" } }", "{ sink: log }"), IsEmpty());
  EXPECT_THAT(problems("{ snapshot: [\"\", \"*\"] }", "{ sink: log }"), IsEmpty());
}

TEST(Compiling, WarnsOfNamesThatAreNearlyKnown) {
  EXPECT_THAT(problems("{ event_type: cal_cdr }", "{ sink: log }"),
              ElementsAre(R"(2:warning: the event type "cal_cdr" is not a known one, did you mean "call_cdr"?)"));
  EXPECT_THAT(problems("{ event_type: something_of_tomorrow }", "{ sink: log }"), IsEmpty());
  EXPECT_THAT(problems("{ pbx: brnach }", "{ sink: log }"),
              ElementsAre(R"(2:warning: no PBX of this configuration is named "brnach", did you mean "branch"?)"));
  EXPECT_THAT(problems("{ famly: cdr }", "{ sink: log }"),
              ElementsAre(R"(2:warning: "famly" is looked up in the payload, did you mean "family"?)"));
  EXPECT_THAT(problems("{ tenant_id: \"7\", call_status: RINGING }", "{ sink: log }"), IsEmpty());
  EXPECT_THAT(problems("{}", R"({ sink: board, topic: "a/{familly}" })"),
              ElementsAre(R"(3:warning: "{familly}" is looked up in the payload, did you mean "{family}"?)"));
}

TEST(Compiling, WantsATopicWhereTheSinkHasTopics) {
  EXPECT_THAT(problems("{}", "{ sink: lake }"), ElementsAre(R"(3:error: sink "lake" needs a topic)"));
  EXPECT_THAT(problems("{}", "{ sink: board }"), ElementsAre(R"(3:error: sink "board" needs a topic)"));
  EXPECT_THAT(problems("{}", "{ sink: log }"), IsEmpty());
}

TEST(Compiling, RejectsTemplatesThatDoNotParse) {
  EXPECT_THAT(problems("{}", R"({ sink: lake, topic: "a{family" })"),
              ElementsAre(HasSubstr("3:error: topic: \"{\" is not closed")));
  EXPECT_THAT(problems("{}", R"({ sink: lake, topic: a, key: "{}" })"),
              ElementsAre(R"(3:error: key: "{}" names no field (at character 1))"));
  EXPECT_THAT(problems("{ a..b: x }", "{ sink: log }"), ElementsAre(R"(2:error: "a..b" is not a name of a field)"));
}

TEST(Compiling, RejectsFixedTextsThatTheSinkCannotTake) {
  EXPECT_THAT(problems("{}", R"({ sink: lake, topic: "pbx/{family}" })"),
              ElementsAre(HasSubstr(R"(3:error: topic "pbx/{family}" has "/", but a Kafka topic)")));
  EXPECT_THAT(problems("{}", R"({ sink: lake, topic: "a{family|x y}" })"), ElementsAre(HasSubstr(R"(has " ")")));
  EXPECT_THAT(problems("{}", R"({ sink: lake, topic: ".." })"),
              ElementsAre(R"(3:error: topic ".." is not allowed by Kafka)"));
  EXPECT_THAT(problems("{}", "{ sink: lake, topic: \"" + std::string(250, 'a') + "\" }"),
              ElementsAre(HasSubstr("is longer than the 249 bytes of a topic")));
  EXPECT_THAT(
      problems("{}", R"({ sink: board, topic: "pbx/#" })"),
      ElementsAre(
          R"(3:error: topic "pbx/#" has "#", but no message can be published under a topic with an MQTT wildcard)"));
  EXPECT_THAT(problems("{}", R"({ sink: board, topic: "$SYS/{family}" })"), ElementsAre(HasSubstr("3:warning: topic")));
}

TEST(Compiling, RejectsAFallbackTopicThatIsNoFixedValidText) {
  EXPECT_THAT(problems("{}", R"({ sink: lake, topic: "{x}", fallback_topic: "a b" })"),
              ElementsAre(HasSubstr(R"(3:error: fallback_topic "a b" has " ")")));
  EXPECT_THAT(problems("{}", R"({ sink: board, topic: "{x}", fallback_topic: "{family}" })"),
              ElementsAre(HasSubstr("must be a fixed text")));
}

TEST(Compiling, WarnsOfOptionsThatTheSinkDoesNotHave) {
  EXPECT_THAT(problems("{}", "{ sink: lake, topic: t, qos: 1, retain: true }"),
              ElementsAre(R"(3:warning: "qos" means nothing to sink "lake" of type kafka; only mqtt has it)",
                          R"(3:warning: "retain" means nothing to sink "lake" of type kafka; only mqtt has it)"));
}

TEST(Compiling, RejectsOptionsThatNoSinkHas) {
  EXPECT_THAT(problems("{}", "{ sink: board, topic: t, qso: 1 }"),
              ElementsAre(R"(3:error: unknown key "qso", did you mean "qos"?)"));
  EXPECT_THAT(problems("{}", "{ sink: lake, topic: t, keyy: a }"),
              ElementsAre(R"(3:error: unknown key "keyy", did you mean "key"?)"));
}

TEST(Compiling, LetsTheTypeOfTheSinkCheckTheOptions) {
  EXPECT_THAT(problems("{}", "{ sink: board, topic: t, qos: 1, content_type: text/plain }"),
              ElementsAre("3:error: no content type here"));
  EXPECT_THAT(problems("{}", "{ sink: board, topic: t, qos: 1, retain: true }"), IsEmpty());
}

TEST(Compiling, WarnsOfASinkThatNoRouteLeadsTo) {
  const Routes routes("routes: [{ match: {}, to: [{ sink: lake, topic: t }, { sink: log }] }]\n");
  EXPECT_THAT(routes.problems(), ElementsAre("-1:warning: no route leads to sink \"board\"; it receives nothing"));
}

TEST(Compiling, ReportsAllProblemsAtOnce) {
  const Routes routes(R"(routes:
  - match: { family: crd }
    to: { sink: lkae, topic: t }
  - match: { family: cdr }
    to: { sink: board, topic: "{" }
)");
  EXPECT_EQ(routes.report.error_count(), 3U);
}

}  // namespace
}  // namespace pbxbridge::route
