#include "observe/log_format.hpp"
#include "text/secrets.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::observe {
namespace {

const auto time = std::chrono::system_clock::from_time_t(1764000000) + std::chrono::milliseconds(7);

TEST(LogFormatTest, TextIsOneReadableLine) {
  const LogLine line{
      &log_code::pbx_authenticated, "pbx hq", "the account is accepted", {{"epoch", "3"}, {"peer", "a b"}}};
  EXPECT_EQ(format_line(line, LogFormat::text, time, 0),
            "2025-11-24T16:00:00.007Z info    pbx.authenticated [pbx hq] the account is accepted epoch=3 peer=\"a b\"");
}

TEST(LogFormatTest, JsonHasTheSameInFields) {
  const LogLine line{&log_code::sink_rejected, "sink lake", "rejected", {{"event_id", "7"}}};
  const auto object = nlohmann::json::parse(format_line(line, LogFormat::json, time, 4));
  EXPECT_EQ(object.at("time"), "2025-11-24T16:00:00.007Z");
  EXPECT_EQ(object.at("level"), "error");
  EXPECT_EQ(object.at("code"), "sink.rejected");
  EXPECT_EQ(object.at("subject"), "sink lake");
  EXPECT_EQ(object.at("event_id"), "7");
  EXPECT_EQ(object.at("left_out"), 4);
}

TEST(LogFormatTest, AProcessLineHasNoSubject) {
  const LogLine line{&log_code::started, "", "running", {}};
  EXPECT_EQ(format_line(line, LogFormat::text, time, 2),
            "2025-11-24T16:00:00.007Z info    process.started running left_out=2");
}

TEST(LogFormatTest, APeersTextCanForgeNoLineAndMoveNoTerminal) {
  const LogLine line{&log_code::pbx_auth_rejected, "pbx hq", "rejected: a\nb\x1b[2J", {{"text", "x\ry \"z\\"}}};
  const std::string text = format_line(line, LogFormat::text, time, 0);
  for (const char character : text) EXPECT_GE(static_cast<unsigned char>(character), 0x20U);
  EXPECT_TRUE(text.ends_with(R"(text="x y \"z\\")")) << text;
}

TEST(LogFormatTest, NoSecretIsInAnyPart) {
  text::remember_secret("hunter2");
  const LogLine line{
      &log_code::pbx_auth_rejected, "pbx hq", "rejected: hunter2", {{"text", "aHVudGVyMg== or hunter2"}}};
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string text = format_line(line, format, time, 0);
    EXPECT_NE(text.find("rejected: [secret]"), std::string::npos) << text;
    EXPECT_NE(text.find("[secret] or [secret]"), std::string::npos) << text;
  }
}

TEST(LogFormatTest, WhatReordersOrHidesTextIsNotWritten) {
  const LogLine line{&log_code::pbx_auth_rejected, "pbx hq", "a\xe2\x80\xae", {{"text", "b\xe2\x80\x8b"}}};
  for (const LogFormat format : {LogFormat::text, LogFormat::json})
    EXPECT_EQ(format_line(line, format, time, 0).find('\xe2'), std::string::npos);
}

TEST(LogFormatTest, JsonTakesTextThatIsNoUtf8) {
  const LogLine line{&log_code::pbx_auth_rejected, "pbx hq", "rejected: \xff\xfe", {}};
  EXPECT_TRUE(nlohmann::json::accept(format_line(line, LogFormat::json, time, 0)));
}

}  // namespace
}  // namespace pbxbridge::observe
