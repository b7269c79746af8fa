#include "cli/tap_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::cli {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

json accepted() {
  return json::parse(R"({"moment":"accepted","at":"2026-11-29T02:30:00.123Z","event_id":"1-1","pbx":"hq",
    "family":"cdr","event_type":"call_start","entity_kind":"session","entity":"****11","bytes":3,
    "destinations":[{"route":1,"sink":"lake","topic":"pbx.cdr","key":"7"},{"route":2,"sink":"out"}]})");
}

json ended(const std::string& how) {
  json moment = accepted();
  moment.erase("destinations");
  moment["moment"] = how;
  moment["sink"] = "lake";
  moment["topic"] = "pbx.cdr";
  moment["seconds"] = 0.0123;
  return moment;
}

TEST(TapLine, SaysWhereAnEventGoes) {
  EXPECT_EQ(tap_line(accepted(), false),
            "02:30:00.123  accepted     hq  call_start                session ****11    -> lake pbx.cdr [7], out");
  json unrouted = accepted();
  unrouted["destinations"].clear();
  unrouted.erase("entity");
  EXPECT_THAT(tap_line(unrouted, false), EndsWith("  -                 no route takes it"));
}

TEST(TapLine, SaysHowItEnded) {
  EXPECT_THAT(tap_line(ended("delivered"), false), EndsWith("lake pbx.cdr  12.3 ms"));
  json letter = ended("dead_letter");
  letter["reason"] = "too large";
  EXPECT_THAT(tap_line(letter, false), EndsWith("lake pbx.cdr  12.3 ms: too large"));
}

TEST(TapLine, HasColoursOfItsOwnAndObeysNoOthers) {
  json hostile = ended("delivered");
  for (const char* field : {"event_type", "entity", "topic", "pbx"}) hostile[field] = "\x1b[2J\nx";
  EXPECT_THAT(tap_line(hostile, false), Not(HasSubstr("\x1b")));
  const std::string line = tap_line(hostile, true);
  EXPECT_THAT(line, HasSubstr("\x1b[32mdelivered  \x1b[0m"));
  EXPECT_THAT(line, Not(HasSubstr("\x1b[2J")));
  EXPECT_THAT(tap_line(ended("dead_letter"), true), HasSubstr("\x1b[31mdead_letter\x1b[0m"));
}

TEST(TapNotice, SaysWhatWasLeftOut) {
  EXPECT_EQ(tap_notice(json::parse(R"({"moment":"left_out","over_rate":3,"not_looked_at":0,"reader_too_slow":2})")),
            "left out: 3 events above the rate, 2 lines that were not read in time");
  EXPECT_THAT(tap_notice(json::parse(R"({"moment":"listening","warnings":["a","b"]})")), "warning: a\nwarning: b");
  EXPECT_EQ(tap_notice(accepted()), "");
}

}  // namespace
}  // namespace pbxbridge::cli
