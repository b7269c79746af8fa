#include "simulator/server/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::sim {
namespace {

TEST(Options, EndWithTheUsualExitCodeOfAWrongCommandLine) {
  for (const char* wrong :
       {"--rat", "--rate=fast", "--rate=nan", "--speed=nan", "--listen=nowhere", "--listen=localhost:0", "--listen=:0",
        "--users=/nope", "--exit-when-done", "--count=-1", "--seed=-1", "--duration=0", "--duration=nan",
        "--start-time=9223372036854775807", "--start-time=-1"}) {
    int exit_code = -1;
    const char* arguments[] = {"pbxbridge-sim", wrong};
    EXPECT_FALSE(parse_options(2, arguments, exit_code));
    EXPECT_EQ(exit_code, 64) << wrong;
  }
  for (const std::string option : {"--rate", "--speed", "--duration"}) {
    int exit_code = -1;
    const std::string wrong = option + "=nan";
    const char* arguments[] = {"pbxbridge-sim", wrong.c_str()};
    testing::internal::CaptureStderr();
    EXPECT_FALSE(parse_options(2, arguments, exit_code));
    EXPECT_EQ(exit_code, 64) << wrong;
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr(option + ": expected a number"));
  }
  int exit_code = -1;
  const char* made_beforehand[] = {"pbxbridge-sim", "--prepare=10", "--speed=5"};
  EXPECT_FALSE(parse_options(3, made_beforehand, exit_code)) << "such events are for a rate";
  EXPECT_EQ(exit_code, 64);
  const char* arguments[] = {"pbxbridge-sim", "--help"};
  EXPECT_FALSE(parse_options(2, arguments, exit_code));
  EXPECT_EQ(exit_code, 0);
}

}  // namespace
}  // namespace pbxbridge::sim
