#include "simulator/record/recording.hpp"
#include "simulator/server/replay.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const World nobody({});

struct ReplayOfAFile : ::testing::Test {
  void write(const std::string& text) { std::ofstream(file) << text; }

  test::TemporaryDirectory directory;
  std::filesystem::path file = directory / "events.ndjson";
  Replay replay{2};
  Replay::Clock::time_point now{1h};
};

TEST_F(ReplayOfAFile, PushesARecordingAtItsTimesAndAsFastAsItIsTold) {
  write(recording_head(0) + "\n" + recording_line({.after = 1s, .sent = true, .bytes = R"({"command":"auth"})"}) +
        "\n" + recording_line({.after = 2s, .bytes = R"({"command":"auth","id":"1","status":0})"}) + "\n" +
        recording_line({.after = 10s, .bytes = R"({"event_type":"call_cdr","tenant_id":"of another PBX"})"}) + "\n" +
        recording_line({.after = 14s, .binary = true, .bytes = std::string("\0\xff", 2)}) + "\n");
  EXPECT_EQ(replay.add(file, nobody, Dialect::v22).value(), 2U) << "commands and answers are no events";
  EXPECT_TRUE(replay.is_recording());

  EXPECT_EQ(replay.until_next(now), 0s) << "the first one waits for nothing";
  const auto first = replay.take();
  EXPECT_EQ(first.facts->family, Family::cdr);
  EXPECT_EQ(first.facts->tenant_id, "") << "whoever has subscribed to the family gets it";
  EXPECT_EQ(replay.until_next(now), 2s) << "four seconds, twice as fast";
  EXPECT_EQ(replay.until_next(now + 3s), -1s);
  EXPECT_TRUE(replay.take().binary);
  EXPECT_TRUE(replay.empty());
}

TEST_F(ReplayOfAFile, PushesEachLineOfAnotherFileAsItIs) {
  write("{\"event_type\":\"call_cdr\",\"tenant_id\":\"7\"}\nno { JSON\n\n");
  EXPECT_EQ(replay.add(file, nobody, Dialect::v22).value(), 3U);
  EXPECT_FALSE(replay.is_recording());
  EXPECT_EQ(replay.until_next(now), std::nullopt);
  EXPECT_EQ(replay.take().facts->tenant_id, "7");
  EXPECT_EQ(replay.take().bytes, "no { JSON");
}

TEST_F(ReplayOfAFile, SaysWhatIsWrongWithIt) {
  EXPECT_THAT(replay.add(file, nobody, Dialect::v22).error().text, HasSubstr("cannot be read"));
  EXPECT_THAT(replay.add(directory.path(), nobody, Dialect::v22).error().text, HasSubstr("cannot be read"));
  write(recording_head(0) + "\n{\"after_us\":1");
  EXPECT_THAT(replay.add(file, nobody, Dialect::v22).error().text, HasSubstr("events.ndjson: line 2: "));
}

TEST_F(ReplayOfAFile, PushesNothingOfADamagedRecording) {
  write(recording_head(0) + "\n" + recording_line({.after = 1s, .bytes = R"({"event_type":"call_cdr"})"}) +
        "\n{\"after_us\":1");
  EXPECT_FALSE(replay.add(file, nobody, Dialect::v22));
  EXPECT_TRUE(replay.empty());
}

}  // namespace
}  // namespace pbxbridge::sim
