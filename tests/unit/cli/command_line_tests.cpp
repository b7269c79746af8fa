#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace pbxbridge::cli {
namespace {

const std::string program = PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge";

using testing::Contains;
using testing::Each;
using testing::IsSupersetOf;
using testing::Le;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

TEST(CommandLine, PrintsTheVersion) {
  test::Process process({program, "--version"});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(process.output_lines(), std::vector<std::string>{"pbxbridge " PBXBRIDGE_VERSION});
}

TEST(CommandLine, PrintsWhatItIsMadeOfForAReport) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--version", "--verbose"}, {"--verbose", "--version"}}) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const test::Ended ended = test::run_to_end(command);
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_THAT(ended.output, IsSupersetOf({MatchesRegex("commit +([0-9a-f]{40}( with changes)?|unknown)"),
                                            MatchesRegex("compiler +[^ ]+ .+"), MatchesRegex("OpenSSL +3\\.[0-9.]+.*"),
                                            MatchesRegex("librdkafka +[0-9.]+.*"), MatchesRegex("yaml-cpp +[0-9.]+"),
                                            MatchesRegex("prometheus-cpp +[0-9.]+"), MatchesRegex("RocksDB +[0-9.]+"),
                                            MatchesRegex("dygraphs +[0-9.]+")}))
        << ended.transcript;
    EXPECT_THAT(ended.output, Each(MatchesRegex("[^ ]+ +[^ ].*"))) << ended.transcript;
  }
  EXPECT_EQ(test::run_to_end({program, "--verbose", "run", "--config", "x"}).exit_code, 64);
}

TEST(CommandLine, HasAManualPageWithEachCommand) {
  const test::Ended manual = test::run_to_end({program, "reference", "manual"});
  EXPECT_EQ(manual.exit_code, 0);
  EXPECT_THAT(manual.output, IsSupersetOf({".TH PBXBRIDGE 1 \"\" \"pbxbridge " PBXBRIDGE_VERSION "\" \"User Commands\"",
                                           ".SS pbxbridge run", ".SS pbxbridge spool stat",
                                           ".SS pbxbridge dead\\-letters redrive", "\\fB\\-\\-gaps\\fR",
                                           "\\fB\\-c\\fR, \\fB\\-\\-config\\fR \\fIFILE\\fR", ".SH EXIT STATUS"}))
      << manual.transcript;
}

TEST(CommandLine, RejectsWhatItDoesNotKnow) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"walk"}, {"run"}, {"check", "--config"}, {"reference", "poem"}}) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    test::Process process(command);
    EXPECT_EQ(process.wait(), 64) << process.transcript();
    EXPECT_TRUE(process.wait_for_error("Run with --help for more information."));
  }
}

TEST(CommandLine, AloneItPrintsTheHelp) {
  for (const std::string words : {"", " spool", " dead-letters", " state"}) {
    const test::Ended help = test::run_to_end({"/bin/sh", "-c", program + words});
    EXPECT_EQ(help.exit_code, 0) << help.transcript;
    EXPECT_THAT(help.output, Contains("Usage: pbxbridge" + words + " [OPTIONS] SUBCOMMAND")) << help.transcript;
  }
}

/// Returns the words of each command, such as ` spool stat`: the completion names all.
std::vector<std::string> all_commands() {
  test::Process completion({program, "completion", "bash"});
  EXPECT_EQ(completion.wait(), 0);
  std::vector<std::string> commands;
  for (const std::string& line : completion.output_lines()) {
    const auto path = line.find(") path='");
    if (path != std::string::npos) commands.push_back(line.substr(path + 8, line.rfind('\'') - path - 8));
  }
  EXPECT_GT(commands.size(), 10U);
  return commands;
}

TEST(CommandLine, TheHelpOfEachCommandHasAnExampleAndFitsATerminal) {
  for (const std::string& words : all_commands()) {
    const test::Ended help = test::run_to_end({"/bin/sh", "-c", program + words + " --help"});
    EXPECT_EQ(help.exit_code, 0) << help.transcript;
    EXPECT_THAT(help.output, Contains(StartsWith("  pbxbridge" + words))) << help.transcript;
    EXPECT_THAT(help.output, Contains(StartsWith("Usage: pbxbridge" + words))) << help.transcript;
    EXPECT_THAT(help.output, Each(SizeIs(Le(80U)))) << help.transcript;
  }
}

TEST(CommandLine, TheHelpListsEachCommandOnOneLine) {
  const test::Ended help = test::run_to_end({program});
  EXPECT_THAT(help.output, Contains("  tap           Watch the events of the running pbxbridge, live"));
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string said;
};

TEST(CommandLine, NamesTheMisspeltWordAndTheOneThatWasMeant) {
  const Mistake mistakes[] = {
      {{"runn"}, "unknown command \"runn\", did you mean \"run\"?"},
      {{"chekc", "--config", "x"}, "unknown command \"chekc\", did you mean \"check\"?"},
      {{"walk"},
       "unknown command \"walk\"; there are run, check, explain, test, reference, status, health, top, tap, spool, "
       "dead-letters, state, completion"},
      {{"version"}, "unknown command \"version\", did you mean \"--version\"?"},
      {{"help"}, "unknown command \"help\", did you mean \"--help\"?"},
      {{"spool", "verfy", "--config", "x"}, "unknown command \"verfy\", did you mean \"verify\"?"},
      {{"dead-letters", "list", "--snk", "x"}, "unknown option \"--snk\", did you mean \"--sink\"?"},
      {{"-v"}, "unknown option \"-v\", did you mean \"--version\"?"},
      {{"run", "--confg", "x"}, "unknown option \"--confg\", did you mean \"--config\"?"},
      {{"run", "--confg=x"}, "unknown option \"--confg\", did you mean \"--config\"?"},
      {{"check", "--config", "x", "--verbose"}, "unknown option \"--verbose\""},
      {{"check", "config/demo.yaml"}, "\"config/demo.yaml\" is not expected here; the configuration is --config FILE"},
      {{"--config", "x", "run"}, "\"--config\" stands after the command"},
      {{"reference", "metrics", "schema"}, "\"schema\" is not expected here; the configuration is --config FILE"},
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

TEST(CommandLine, RunAndCheckRejectAConfigurationInTheSameWordsAndRunInTheLog) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "bridge.yaml";
  std::ofstream(file) << "pbx: []\nsinks: {}\nroutes: []\nspol: {}\n";
  test::Process check({program, "check", "--config", file});
  EXPECT_EQ(check.wait(), 78);
  test::Process run({program, "run", "--config", file});
  EXPECT_EQ(run.wait(), 78);
  EXPECT_TRUE(check.wait_for_error(file + ":4:1: error: unknown key \"spol\", did you mean \"spool\"?"));
  EXPECT_TRUE(run.wait_for_error("spol"));
  std::vector<std::string> of_run;
  for (const std::string& line : run.error_lines()) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json.at("code"), "process.configuration_rejected");
    of_run.push_back(json.at("message"));
  }
  std::vector<std::string> of_check;
  for (std::string line : check.error_lines()) {
    if (!line.starts_with(file)) continue;  // the line of the file, and its caret
    of_check.push_back(line.erase(line.find(" error:"), 7));
  }
  EXPECT_EQ(of_check.size(), 4u);
  EXPECT_EQ(of_run, of_check);
}

TEST(CommandLine, RunLogsEveryErrorOfAConfigurationWithMoreThanTheLogTakesOfOneKind) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "bridge.yaml";
  std::ofstream text(file);
  for (int i = 0; i < 30; ++i) text << "unknown_" << i << ": 1\n";
  text.close();
  test::Process run({program, "run", "--config", file});
  EXPECT_EQ(run.wait(), 78);
  EXPECT_TRUE(run.wait_for_error("unknown_29")) << run.transcript();
}

std::string standard_stream(pid_t process, int descriptor) {
  std::error_code gone;
  return std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/fd/" + std::to_string(descriptor), gone);
}

TEST(CommandLine, RunTakesNothingElseForItsStandardStreamsWhereTheyAreClosed) {
  const test::TemporaryDirectory directory;
  const std::filesystem::path events = directory / "events";
  const std::string file = directory / "bridge.yaml";
  std::ofstream(file) << "pbx: [{ name: hq, url: \"ws://127.0.0.1:9/\", auth: { username: a, password: b },\n"
                         "        subscribe: [{ topic: cdr_events }] }]\n"
                         "admin: { listen: \"\" }\nspool: { type: memory }\n"
                         "sinks: { out: { type: file, path: "
                      << events.string() << " } }\nroutes: [{ match: {}, to: { sink: out } }]\n";
  test::Process run({"/bin/sh", "-c", "exec " + program + " run --config " + file + " <&- >&- 2>&-"});
  ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(events); }));
  for (const int descriptor : {0, 1, 2}) EXPECT_EQ(standard_stream(run.pid(), descriptor), "/dev/null") << descriptor;
  run.send_signal(SIGTERM);
  EXPECT_EQ(run.wait(), 0);
}

std::string core_limit(const std::string& process) {
  std::ifstream limits("/proc/" + process + "/limits");
  for (std::string line; std::getline(limits, line);)
    if (line.starts_with("Max core file size")) return line;
  return {};
}

// Each has the secrets of the configuration in memory, and some the payloads of the spool.
TEST(CommandLine, NothingOfMemoryIsLeftBehindByACrashOfAnyCommand) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "bridge.yaml";
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  for (const std::string command : {"check", "explain", "status", "tap"}) {
    test::Process process({program, command, "--config", file});
    EXPECT_TRUE(test::eventually([&] {
      return testing::Matches(MatchesRegex("Max core file size +0 +0 .*"))(core_limit(std::to_string(process.pid())));
    })) << command;
  }
  test::Process process({program, "check", "--config", file}, {.environment = {{"PBXBRIDGE_CORE_DUMPS", "1"}}});
  std::ofstream text(file);  // once it is opened to be read
  EXPECT_EQ(core_limit(std::to_string(process.pid())), core_limit("self"));
  text << "pbx: []\n";
  text.close();
  EXPECT_EQ(process.wait(), 78);
}

TEST(CommandLine, PrintsTheGeneratedDocuments) {
  for (const char* document : {"configuration", "log-codes", "metrics", "schema", "starter"}) {
    test::Process process({program, "reference", document});
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    EXPECT_TRUE(test::eventually([&] { return process.output_lines().size() > 20; }));
  }
}

/// Commands that write a little and much.
std::vector<std::string> commands_with_output(const std::filesystem::path& directory) {
  const std::string file = " --config " + (directory / "bridge.yaml").string();
  std::ofstream(directory / "bridge.yaml")
      << "pbx: [{ name: hq, url: \"wss://127.0.0.1:9/\", auth: { username: a, password: b },\n"
         "        subscribe: [{ topic: cdr_events }] }]\n"
         "spool: { path: spool }\nsinks: { out: { type: stdout } }\nroutes: [{ match: {}, to: { sink: out } }]\n";
  std::ofstream events(directory / "events");
  for (int i = 0; i < 1000; ++i) events << "{\"event_type\":\"call_start\"}\n";
  return {"--version",
          "--help",
          "spool",
          "spool --help",
          "reference schema",
          "reference asyncapi" + file,
          "completion bash",
          "check" + file,
          "check --json" + file + " --connect",
          "explain" + file + " " + (directory / "events").string(),
          "explain --json" + file + " " + (directory / "events").string()};
}

TEST(CommandLine, TellsWhenItsOutputCannotBeWritten) {
  const test::TemporaryDirectory directory;
  for (const std::string& command : commands_with_output(directory.path()))
    for (const auto& [output, reason] :
         {std::pair{" > /dev/full", "No space left on device"}, {" >&-", "it is closed"}}) {
      const test::Ended ended = test::run_to_end({"/bin/sh", "-c", program + " " + command + output});
      EXPECT_NE(ended.exit_code, 0) << command << output;
      EXPECT_THAT(ended.errors, Contains(std::string("pbxbridge: error: not all of the output could be written to "
                                                     "standard output: ") +
                                         reason))
          << command << output << ended.transcript;
    }
}

TEST(CommandLine, IsContentWithAReaderThatHasHadEnough) {
  const test::TemporaryDirectory directory;
  for (const std::string& command : commands_with_output(directory.path())) {
    const test::Ended ended = test::run_to_end(
        {"/bin/bash", "-c", "trap '' PIPE; " + program + " " + command + " | true; exit ${PIPESTATUS[0]}"});
    EXPECT_THAT(ended.errors, Each(testing::Not(testing::HasSubstr("error: not all")))) << command;
    const bool may_connect = command.starts_with("check --json");  // if the reader took as much
    EXPECT_TRUE(ended.exit_code == 0 || (may_connect && ended.exit_code == 69)) << command << ended.transcript;
  }
}

}  // namespace
}  // namespace pbxbridge::cli
