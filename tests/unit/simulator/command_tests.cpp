#include "simulator/server/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

template <class Kind>
Kind parsed(std::string_view line) {
  return std::get<Kind>(parse_command(line).value());
}

std::string error_of(std::string_view line) {
  const auto result = parse_command(line);
  return result ? "" : result.error().text;
}

TEST(Command, PushTakesTheRestOfTheLineAsItIs) {
  EXPECT_EQ(parsed<command::Push>("push {\"a\": \"b  c\"}").frame, "{\"a\": \"b  c\"}");
  EXPECT_EQ(parsed<command::PushAll>("push-all  x ").frame, " x ");
}

TEST(Command, HexMakesAnyBytes) {
  EXPECT_EQ(parsed<command::Push>("push-hex 00ff7B").frame, std::string("\0\xff{", 3));
  EXPECT_TRUE(parsed<command::Push>("push-binary-hex 00").binary);
  EXPECT_THAT(error_of("push-hex 0"), HasSubstr("pairs of hex digits"));
  EXPECT_THAT(error_of("push-hex 0g"), HasSubstr("pairs of hex digits"));
}

TEST(Command, FaultsAreUnderstood) {
  const auto close = parsed<command::Close>("close 1011 going down");
  EXPECT_EQ(close.code, 1011);
  EXPECT_EQ(close.reason, "going down");
  EXPECT_TRUE(parsed<command::Drop>("drop rst").reset);
  EXPECT_FALSE(parsed<command::Drop>("drop fin").reset);
  EXPECT_TRUE(parsed<command::Silent>("silent on").on);
  EXPECT_FALSE(parsed<command::StopReading>("stop-reading off").on);
  EXPECT_EQ(parsed<command::AnswerDelay>("answer-delay 250").delay, 250ms);
  EXPECT_EQ(parsed<command::SetRate>("rate 0.5").events_a_second, 0.5);
  EXPECT_EQ(parsed<command::Reject>("reject cdr_events not for you").text, "not for you");
  EXPECT_EQ(parsed<command::Reject>("reject cdr_events").text, "permission denied");
  EXPECT_TRUE(parsed<command::RejectAuth>("reject-auth on\r").on);
  EXPECT_TRUE(parsed<command::RefuseConnections>("refuse-connections on").on);
}

TEST(Command, WhatIsNotUnderstoodIsAnsweredWithWhatWasExpected) {
  EXPECT_EQ(error_of("dance"), "unknown command `dance`");
  EXPECT_EQ(error_of("silent maybe"), "silent: expected on or off");
  EXPECT_EQ(error_of("drop"), "drop: expected fin or rst");
  EXPECT_THAT(error_of("close 1006"), HasSubstr("may go over the wire"));
  EXPECT_THAT(error_of("close 70000"), HasSubstr("close code"));
  EXPECT_THAT(error_of("rate -1"), HasSubstr("events a second"));
  EXPECT_THAT(error_of("rate nan"), HasSubstr("events a second"));
}

TEST(Cues, HaveATimeAndACommand) {
  const auto cues = parse_cues("# warm up\n\n0 rate 10\n2.5 close 1001 bye\n").value();
  ASSERT_EQ(cues.size(), 2U);
  EXPECT_EQ(cues[0].after, 0ms);
  EXPECT_EQ(cues[1].after, 2500ms);
  EXPECT_EQ(cues[1].line, "close 1001 bye");
}

TEST(Cues, AMistakeIsNamedWithItsLine) {
  EXPECT_EQ(parse_cues("1 rate 10\nsoon rate 20\n").error().text, "line 2: expected seconds, then a command");
  EXPECT_EQ(parse_cues("1 drop gently\n").error().text, "line 1: drop: expected fin or rst");
}

}  // namespace
}  // namespace pbxbridge::sim
