#include "pbx/dialect.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace pbxbridge::pbx {
namespace {

std::optional<Answer> answer_22(std::string_view frame) { return make_dialect_22()->answer(frame); }
std::optional<Answer> answer_16(std::string_view frame) { return make_dialect_16()->answer(frame); }

TEST(Answers22, StatusZeroIsSuccess) {
  const auto answer = answer_22(R"({"command":"auth","id":"1","status":0})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->to, Command::auth);
  EXPECT_TRUE(answer->accepted());
}

TEST(Answers22, AnyOtherStatusIsARejectionWithTheWordsOfThePbx) {
  const auto answer = answer_22(
      R"({"command":"auth","error":"access_token , username , domain or password error","id":"2","status":-1})");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->accepted());
  EXPECT_EQ(answer->words(), "status -1: access_token , username , domain or password error");
}

TEST(Answers22, AStatusInAStringCounts) {
  EXPECT_TRUE(answer_22(R"({"command":"subscribe","status":"0"})")->accepted());
  EXPECT_EQ(answer_22(R"({"command":"subscribe","status":"-7"})")->status, -7);
}

TEST(Answers22, AStatusIsReadInAnyFormOfANumber) {
  for (const char* status : {"0.0", "-0.0", "0e0", "0.00E+5", "\"0.0\"", "0 ", "0.0\n"})
    EXPECT_TRUE(answer_22(R"({"command":"auth","status":)" + std::string(status) + "}")->accepted()) << status;
  EXPECT_EQ(answer_22(R"({"command":"subscribe","status":-7.0})")->status, -7);
  EXPECT_EQ(answer_22(R"({"command":"subscribe","status":4.03e2})")->status, 403);
}

TEST(Answers22, WhatIsNoWholeNumberIsNoSuccess) {
  for (const char* status :
       {"0.5", "1e-400", "\"\"", "\"0x0\"", "\"0 \"", "false", "null", "[0]", "{}", "99999999999999999999"}) {
    const auto answer = answer_22(R"({"command":"auth","status":)" + std::string(status) + "}");
    ASSERT_TRUE(answer) << status;
    EXPECT_FALSE(answer->accepted()) << status;
  }
  EXPECT_EQ(answer_22(R"({"command":"auth"})")->words(), "no valid status");
}

TEST(Answers22, ANumberTooLargeForAnyIntegerHidesNothing) {
  EXPECT_TRUE(answer_22(R"({"command":"auth","id":99999999999999999999,"status":0})")->accepted());
}

TEST(Answers22, MayHaveWordsInAnyCharset) {
  for (const char* words : {"ung\xfcltig", "\x95\x5c", "a\nb", "\xed\xa0\x80"}) {
    const auto answer = answer_22(R"({"command":"auth","status":-1,"error":")" + std::string(words) + "\"}");
    ASSERT_TRUE(answer) << words;
    EXPECT_EQ(answer->status, -1);
  }
  EXPECT_EQ(answer_22("{\"command\":\"auth\",\"status\":-1,\"error\":\"ung\xfcltig\"}")->error, "ung?ltig");
}

TEST(Answers22, AreReadHoweverDeepTheRestNests) {
  for (const std::size_t levels : {100U, 100'000U, 400'000U})
    for (const std::string& deep :
         {std::string(levels, '[') + std::string(levels, ']'), std::string(levels, '['), std::string(levels, ']')}) {
      const auto answer = answer_22(R"({"command":"auth","status":0,"x":)" + deep + "}");
      EXPECT_TRUE(!answer || answer->accepted()) << levels;
    }
}

TEST(Answers22, NameTheirCommand) {
  EXPECT_EQ(answer_22(R"({"command":"subscribe","status":0})")->to, Command::subscribe);
  EXPECT_EQ(answer_22(R"({"command":"unsubscribe","status":0})")->to, Command::unsubscribe);
}

TEST(Answers22, MayHaveMoreFieldsAndBlanks) {
  EXPECT_TRUE(answer_22("  { \"topics\" : [\"cdr_events\"], \"status\" : 0 , \"command\" : \"subscribe\" }\r\n"));
}

TEST(Answers22, ControlCharactersInTheErrorDoNotReachALog) {
  EXPECT_EQ(answer_22("{\"command\":\"auth\",\"status\":-1,\"error\":\"a\\n\\u001b[2Jb\"}")->error, "a  [2Jb");
}

TEST(Answers22, NumbersOfPeopleInTheErrorDoNotReachALog) {
  EXPECT_EQ(answer_22(R"({"status":-1,"command":"auth","error":"4915112345678 may not (403); ask +49 (151) 123-45"})")
                ->words(),
            "status -1: (a number) may not (403); ask (a number)");
}

TEST(Answers22, AnErrorThatIsNoTextIsLeftOut) {
  EXPECT_EQ(answer_22(R"({"command":"auth","status":-1,"error":{"code":3}})")->words(), "status -1");
}

TEST(Answers22, EventsAreNone) {
  EXPECT_FALSE(answer_22(R"({"event_type":"call_start","session_id":"1"})"));
  EXPECT_FALSE(answer_22(R"({"event_type":"call_start","command":"auth","status":0})"));
  EXPECT_FALSE(answer_22(R"({"nested":{"command":"auth"},"status":0})"));
  EXPECT_FALSE(answer_22(R"({"note":"\"command\":\"auth\"","status":0})"));
}

TEST(Answers22, CommandsPbxbridgeDoesNotKnowAreNone) {
  EXPECT_FALSE(answer_22(R"({"command":"reboot","status":0})"));
  EXPECT_FALSE(answer_22(R"({"command":7,"status":0})"));
}

TEST(Answers22, WhatIsNoJsonObjectIsNone) {
  for (const char* frame : {"", "\"command\"", "[\"command\"]", "{\"command\":\"auth\"", "\"command\":\"auth\"}",
                            "{\"command\":\"auth\"} x", "{\"command\":\"auth\xff\"}"})
    EXPECT_FALSE(answer_22(frame)) << frame;
}

TEST(Answers16, AreObjectsWithAStatusAndNoCommand) {
  const auto granted = answer_16(R"({"status":0})");
  ASSERT_TRUE(granted);
  EXPECT_FALSE(granted->to);
  EXPECT_TRUE(granted->accepted());
  EXPECT_EQ(answer_16(R"({"error":"no such tenant","status":-1})")->words(), "status -1: no such tenant");
}

TEST(Answers16, ObjectsWithFieldsOfTheirOwnAreEvents) {
  EXPECT_FALSE(answer_16(R"({"event_type":"extension_register","status":0})"));
  EXPECT_FALSE(answer_16(R"({"event":"trunk_connected","status":0})"));
  EXPECT_FALSE(answer_16(R"({"command":"reboot","status":0})"));
  EXPECT_FALSE(answer_16(R"({"error":"alone"})"));
}

TEST(Answers, NoSampleEventIsOne) {
  const auto samples = std::filesystem::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/support/events";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(samples)) {
    std::ifstream file(entry.path());
    const std::string frame(std::istreambuf_iterator<char>(file), {});
    EXPECT_FALSE(answer_22(frame)) << entry.path();
    EXPECT_FALSE(answer_16(frame)) << entry.path();
    EXPECT_EQ(glance_at_event_type(frame), entry.path().stem().string());
    ++count;
  }
  EXPECT_EQ(count, 18);
}

TEST(GlanceAtEventType, FindsNothingInWhatHasNone) {
  for (const char* frame : {"", "{}", "\"event_type\"", "{\"event_type\":", "{\"event_type\":7}", "{\"event_type\":\"x",
                            "[\"event_type\", \"x\"]"})
    EXPECT_EQ(glance_at_event_type(frame), "") << frame;
}

}  // namespace
}  // namespace pbxbridge::pbx
