#include "simulator/server/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Cue> scenario(std::string_view text) { return parse_scenario(text, "s.yaml").value(); }
std::string error_of(std::string_view text) {
  const auto result = parse_scenario(text, "s.yaml");
  return result ? "" : result.error().text;
}

TEST(Scenario, IsALineOfTime) {
  EXPECT_THAT(scenario("- { at: 10s, do: drop rst }\n- { at: 1m, do: \"close 1001 bye\", every: 1500ms }\n"),
              ElementsAre(Cue{10s, "drop rst"}, Cue{1min, "close 1001 bye", 1500ms}));
}

TEST(Scenario, EndsWhatHoldsForATime) {
  EXPECT_THAT(scenario("- { at: 10s, do: silent on, for: 5s, every: 1m }"),
              ElementsAre(Cue{10s, "silent on", 1min}, Cue{15s, "silent off", 1min}));
  const auto end = [](const std::string& command) {
    return scenario("- { at: 0s, do: " + command + ", for: 1s }").at(1).line;
  };
  EXPECT_EQ(end("upgrade 503 5"), "upgrade off");
  EXPECT_EQ(end("trickle 1"), "trickle off");
  EXPECT_EQ(end("answer-delay 300"), "answer-delay 0");
  EXPECT_EQ(end("reject cdr_events not now"), "allow cdr_events");
  EXPECT_EQ(end("refuse-connections on"), "refuse-connections off");
}

TEST(Scenario, AMistakeIsNamedWithItsPlace) {
  EXPECT_THAT(error_of("- { at: 1s, do: dance }"), HasSubstr("s.yaml:1:13: error: unknown command `dance`"));
  EXPECT_THAT(error_of("- { at: 1s, do: drop rst, for: 5s }"), HasSubstr("nothing that could be ended"));
  EXPECT_THAT(error_of("- { at: 1s, do: silent on, for: 5s, every: 5s }"), HasSubstr("must be shorter"));
  EXPECT_THAT(error_of("- { at: 1s }"), HasSubstr("\"do\""));
  EXPECT_THAT(error_of("- { at: 1, do: drop rst }"), HasSubstr("s.yaml:1:"));
  EXPECT_THAT(error_of("at: 1s"), HasSubstr("a scenario is a list"));
  EXPECT_THAT(error_of("- { at: 1s, do: drop rst, when: 1s }"), HasSubstr("when"));
}

TEST(Cues, HaveATimeAndACommand) {
  EXPECT_THAT(parse_cues("# warm up\n\n0 rate 10\n2.5 close 1001 bye\n").value(),
              ElementsAre(Cue{0ms, "rate 10"}, Cue{2500ms, "close 1001 bye"}));
}

TEST(Cues, AMistakeIsNamedWithItsLine) {
  EXPECT_EQ(parse_cues("1 rate 10\nsoon rate 20\n").error().text, "line 2: expected seconds, then a command");
  for (const std::string time : {"inf", "1e300", "nan", "-1"})
    EXPECT_EQ(parse_cues(time + " rate 20\n").error().text, "line 1: expected seconds, then a command");
  EXPECT_EQ(parse_cues("1 drop gently\n").error().text, "line 1: drop: expected fin or rst");
}

}  // namespace
}  // namespace pbxbridge::sim
