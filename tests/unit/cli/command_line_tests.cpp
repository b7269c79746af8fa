#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace pbxbridge::cli {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string program = PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge";

TEST(CommandLine, PrintsTheVersion) {
  test::Process process({program, "--version"});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_THAT(process.output_lines(), ElementsAre(StartsWith("pbxbridge 0.")));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"walk"}, {"run"}, {"check", "--config"}, {"reference", "poem"}}) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    test::Process process(command);
    EXPECT_EQ(process.wait(), 64) << process.transcript();
    EXPECT_FALSE(process.error_lines().empty());
  }
}

TEST(CommandLine, RunAndCheckRefuseAConfigurationInTheSameWords) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "bridge.yaml";
  std::ofstream(file) << "pbx: []\nsinks: {}\nroutes: []\nspol: {}\n";
  test::Process check({program, "check", "--config", file});
  EXPECT_EQ(check.wait(), 78);
  test::Process run({program, "run", "--config", file});
  EXPECT_EQ(run.wait(), 78);
  EXPECT_EQ(check.error_lines(), run.error_lines());
  EXPECT_THAT(run.error_lines(), Contains(file + ":4:1: error: unknown key \"spol\", did you mean \"spool\"?"));
}

TEST(CommandLine, PrintsTheGeneratedDocuments) {
  for (const char* document : {"configuration", "log-codes", "schema", "starter"}) {
    test::Process process({program, "reference", document});
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    EXPECT_GT(process.output_lines().size(), 20u);
  }
}

TEST(CommandLine, TellsWhenItsOutputCannotBeWritten) {
  test::Process process({"/bin/sh", "-c", program + " reference schema > /dev/full"});
  EXPECT_EQ(process.wait(), 1);
}

}  // namespace
}  // namespace pbxbridge::cli
