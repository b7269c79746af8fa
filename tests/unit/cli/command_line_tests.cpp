#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace pbxbridge::cli {
namespace {

const std::string program = PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge";

TEST(CommandLine, PrintsTheVersion) {
  test::Process process({program, "--version"});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_TRUE(process.wait_for_output("pbxbridge 0."));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"walk"}, {"run"}, {"check", "--config"}, {"reference", "poem"}}) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    test::Process process(command);
    EXPECT_EQ(process.wait(), 64) << process.transcript();
    EXPECT_TRUE(process.wait_for_error("Run with --help for more information."));
  }
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string said;
};

TEST(CommandLine, NamesTheMisspeltWordAndTheOneThatWasMeant) {
  const Mistake mistakes[] = {
      {{"runn"}, "unknown command \"runn\", did you mean \"run\"?"},
      {{"chekc", "--config", "x"}, "unknown command \"chekc\", did you mean \"check\"?"},
      {{"walk"}, "unknown command \"walk\"; there are run, check, reference"},
      {{"version"}, "unknown command \"version\", did you mean \"--version\"?"},
      {{"help"}, "unknown command \"help\", did you mean \"--help\"?"},
      {{"-v"}, "unknown option \"-v\", did you mean \"--version\"?"},
      {{"run", "--confg", "x"}, "unknown option \"--confg\", did you mean \"--config\"?"},
      {{"run", "--confg=x"}, "unknown option \"--confg\", did you mean \"--config\"?"},
      {{"check", "--config", "x", "--verbose"}, "unknown option \"--verbose\""},
      {{"check", "config/demo.yaml"}, "\"config/demo.yaml\" is not expected here; the configuration is --config FILE"},
      {{"--config", "x", "run"}, "\"--config\" stands behind the command"},
      {{"reference", "metrics", "schema"}, "\"schema\" is not expected here"},
      {{"run"}, "--config is required"},
      {{"run", "--config", ""}, "--config: names no file"},
  };
  for (const auto& [arguments, said] : mistakes) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    test::Process process(command);
    EXPECT_EQ(process.wait(), 64) << process.transcript();
    EXPECT_EQ(process.wait_for_error(said), said) << process.transcript();
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
  const std::string last_line = file + ":4:1: error: unknown key \"spol\", did you mean \"spool\"?";
  EXPECT_TRUE(check.wait_for_error(last_line));
  EXPECT_TRUE(run.wait_for_error(last_line));
  EXPECT_EQ(check.error_lines().size(), 4u);
  EXPECT_EQ(check.error_lines(), run.error_lines());
}

TEST(CommandLine, PrintsTheGeneratedDocuments) {
  for (const char* document : {"configuration", "log-codes", "metrics", "schema", "starter"}) {
    test::Process process({program, "reference", document});
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    EXPECT_TRUE(test::eventually([&] { return process.output_lines().size() > 20; }));
  }
}

TEST(CommandLine, TellsWhenItsOutputCannotBeWritten) {
  test::Process process({"/bin/sh", "-c", program + " reference schema > /dev/full"});
  EXPECT_EQ(process.wait(), 1);
}

}  // namespace
}  // namespace pbxbridge::cli
