#include "simulator/server/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

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

TEST(Command, WhatIsNotUnderstoodIsAnsweredWithWhatWasExpected) {
  EXPECT_EQ(error_of("dance"), "unknown command `dance`");
  EXPECT_EQ(error_of("silent maybe"), "silent: expected on or off");
  EXPECT_EQ(error_of("drop"), "drop: expected fin or rst");
  EXPECT_THAT(error_of("close 1006"), HasSubstr("may go over the wire"));
  EXPECT_THAT(error_of("close 70000"), HasSubstr("close code"));
  EXPECT_THAT(error_of("rate -1"), HasSubstr("events a second"));
  EXPECT_THAT(error_of("rate nan"), HasSubstr("events a second"));
  EXPECT_EQ(error_of("start now"), "start: takes no argument");
  EXPECT_EQ(error_of("quit soon"), "quit: takes no argument");
  EXPECT_EQ(error_of("call 101"), "call: expected FROM TO [DOMAIN]");
  EXPECT_EQ(error_of("agent login 101 8001 example.test please"),
            "agent: expected login|logout|add|remove EXTENSION QUEUE [DOMAIN]");
  EXPECT_EQ(error_of("call 101 102 example.test"), "");
}

}  // namespace
}  // namespace pbxbridge::sim
