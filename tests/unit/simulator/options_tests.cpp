#include "simulator/server/options.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

TEST(Options, EndWithTheUsualExitCodeOfAWrongCommandLine) {
  for (const char* wrong : {"--rat", "--rate=fast", "--listen=nowhere", "--users=/nope", "--exit-when-done"}) {
    int exit_code = -1;
    const char* arguments[] = {"pbxbridge-sim", wrong};
    EXPECT_FALSE(parse_options(2, arguments, exit_code));
    EXPECT_EQ(exit_code, 64) << wrong;
  }
  int exit_code = -1;
  const char* arguments[] = {"pbxbridge-sim", "--help"};
  EXPECT_FALSE(parse_options(2, arguments, exit_code));
  EXPECT_EQ(exit_code, 0);
}

}  // namespace
}  // namespace pbxbridge::sim
