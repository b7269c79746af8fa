#include "simulator/faults/hostile_frames.hpp"
#include "simulator/protocol/frame_buffer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::sim::hostile {
namespace {

std::string frame(std::string_view payload, Opcode opcode, bool is_final = true) {
  std::string bytes;
  append_frame(bytes, payload, opcode, is_final);
  return bytes;
}

TEST(HostileFrames, FragmentsHoldTheTextAndPingsBetweenThem) {
  EXPECT_EQ(fragments("abcdefg", 3), frame("ab", Opcode::text, false) + frame("", Opcode::ping) +
                                         frame("cd", Opcode::continuation, false) + frame("", Opcode::ping) +
                                         frame("efg", Opcode::continuation));
  EXPECT_EQ(fragments("", 2),
            frame("", Opcode::text, false) + frame("", Opcode::ping) + frame("", Opcode::continuation));
}

TEST(HostileFrames, HalfAFrameAnnouncesMoreThanItHas) {
  const auto half = half_frame();
  EXPECT_EQ(half.substr(0, 2), "\x81\x7e");
  EXPECT_GT(static_cast<unsigned char>(half[2]) * 256U + static_cast<unsigned char>(half[3]), half.size());
}

TEST(HostileFrames, EventsAreOfTheSizeThatWasAskedFor) {
  EXPECT_EQ(huge_event(1'000'000).size(), 1'000'000U);
  EXPECT_TRUE(nlohmann::json::accept(huge_event(1000)));
  EXPECT_TRUE(nlohmann::json::accept(deep_event(100)));
  EXPECT_EQ(std::ranges::count(deep_event(5000), '['), 5000);
  EXPECT_FALSE(nlohmann::json::accept(latin_1_event()));
  EXPECT_EQ(pings(3), "\x89" + std::string(1, '\0') + "\x89" + std::string(1, '\0') + "\x89" + std::string(1, '\0'));
}

}  // namespace
}  // namespace pbxbridge::sim::hostile
