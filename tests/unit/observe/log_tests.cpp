#include "observe/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace pbxbridge::observe {
namespace {

TEST(LogTest, WritesALine) {
  std::vector<std::string> lines;
  Log log(LogFormat::text, [&](const std::string& line) { lines.push_back(line); });
  log.write(log_code::sink_connected, "sink lake", "connected to kafka:9092", {{"events_waiting", "0"}});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0],
              testing::EndsWith("info    sink.connected [sink lake] connected to kafka:9092 events_waiting=0"));
}

TEST(LogTest, LimitsEachCodeOfEachSubject) {
  int lines = 0;
  Log log(LogFormat::text, [&](const std::string&) { ++lines; });
  for (int i = 0; i < 100; ++i) log.write(log_code::sink_rejected, "sink lake", "rejected");
  EXPECT_EQ(lines, 10);
  log.write(log_code::sink_rejected, "sink board", "rejected");
  EXPECT_EQ(lines, 11);
}

TEST(LogCodesTest, EachNameIsItsOwnAndEachSaysWhatItMeans) {
  std::set<std::string_view> names;
  for (const LogCode* code : log_codes()) {
    EXPECT_TRUE(names.insert(code->name).second) << code->name;
    EXPECT_FALSE(code->meaning.empty()) << code->name;
    if (code->level != LogLevel::info) continue;
    EXPECT_TRUE(code->action.empty()) << code->name << " asks for something but is information only";
  }
}

}  // namespace
}  // namespace pbxbridge::observe
