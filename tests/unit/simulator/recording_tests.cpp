#include "simulator/record/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<RecordedMessage> read(const std::string& text) {
  std::istringstream input(text);
  RecordingReader reader(input);
  std::vector<RecordedMessage> messages;
  while (auto message = reader.next().value()) messages.push_back(std::move(*message));
  return messages;
}

std::string error_of(const std::string& text) {
  std::istringstream input(text);
  RecordingReader reader(input);
  for (;;) {
    const auto message = reader.next();
    if (!message) return message.error().text;
    if (!*message) return {};
  }
}

TEST(Recording, IsReadAsItWasWritten) {
  const std::vector<RecordedMessage> messages{
      {.after = 0us, .sent = true, .bytes = R"({"command":"auth"})"},
      {.after = 51'234us, .bytes = "a \"quoted\" line\nbreak, \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85, \xf0\x9f\x98\x80, \\"},
      {.after = 51'235us, .bytes = std::string("M\xfcller\0", 7)},
      {.after = 3'600'000'000us, .binary = true, .bytes = "text all the same"},
      {.after = 3'600'000'001us, .bytes = ""},
  };
  std::string text = recording_head(1764000000000000) + "\n";
  for (const auto& message : messages) text += recording_line(message) + "\n";
  EXPECT_EQ(read(text), messages);
  std::istringstream input(text);
  EXPECT_EQ(RecordingReader(input).started_us(), 1764000000000000);
}

TEST(Recording, WithoutAHeadEachLineIsAMessageAsItIs) {
  const auto messages = read("{\"event_type\":\"x\"}\n\nno { JSON\r\nlast");
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(messages[0].bytes, R"({"event_type":"x"})");
  EXPECT_EQ(messages[1].bytes, "");
  EXPECT_EQ(messages[2].bytes, "no { JSON\r");
  EXPECT_EQ(messages[3].bytes, "last");
  EXPECT_TRUE(read("").empty());
}

TEST(Recording, SaysWhichLineIsWrongAndHow) {
  const auto head = recording_head(0) + "\n";
  EXPECT_THAT(error_of(head + R"({"after_us":1,"received":"x"})" + "\n{\"after_us\":2,\"rec"), StartsWith("line 3: "));
  EXPECT_THAT(error_of(head + R"({"received":"x"})"), HasSubstr("`after_us`"));
  EXPECT_THAT(error_of(head + R"({"after_us":-1,"received":"x"})"), HasSubstr("`after_us`"));
  for (const auto* content : {R"("x":1)", R"("received":1)", R"("received_hex":"0g")", R"("sent":"a","received":"b")"})
    EXPECT_THAT(error_of(head + R"({"after_us":1,)" + content + "}"), HasSubstr("expected one of")) << content;
  EXPECT_THAT(error_of(R"({"pbxbridge_recording":2,"started_us":0})"), HasSubstr("version 1"));
  EXPECT_THAT(error_of(R"({"pbxbridge_recording":1})"), HasSubstr("`started_us`"));
}

TEST(Recording, KnowsPushesFromAnswers) {
  const auto pushed = [](const std::string& bytes) { return is_push({.bytes = bytes}); };
  EXPECT_TRUE(pushed(R"({"event_type":"queue_status","status":[]})"));
  EXPECT_TRUE(pushed("no JSON"));
  EXPECT_TRUE(pushed(R"({"surprise":1})"));
  EXPECT_FALSE(pushed(R"({"command":"auth","id":"1","status":0})"));
  EXPECT_FALSE(pushed(R"({"status":0})")) << "version 16 names no command";
  EXPECT_FALSE(is_push({.sent = true, .bytes = R"({"event_type":"x"})"}));
}

}  // namespace
}  // namespace pbxbridge::sim
