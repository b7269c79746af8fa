// Plug-ins, as an operator lists them: what is wrong with one is an error of the configuration at its line.

#include "bridge_process.hpp"
#include "process.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace pbxbridge::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

fs::path plugin(const std::string& name) { return fs::path(PBXBRIDGE_TEST_PLUGINS) / (name + ".so"); }

class Plugins : public testing::Test {
 protected:
  Plugins() { fs::permissions(directory_.path(), fs::perms(0755)); }

  /// A copy that only its owner may write.
  fs::path installed(const std::string& name) {
    const fs::path path = directory_ / (name + ".so");
    fs::copy_file(plugin(name), path);
    fs::permissions(path, fs::perms(0755));
    return path;
  }
  fs::path configuration(const std::vector<std::string>& plugins, const std::string& sink = "{ type: quiet }",
                         const std::string& destination = "{ sink: out }") {
    const fs::path file = directory_ / "bridge.yaml";
    std::ofstream text(file);
    text << "pbx: [{ name: hq, url: \"wss://pbx.example.com/wsi\", auth: { username: a, password_file: /run/secrets/p "
            "},\n"
            "        subscribe: [{ topic: cdr_events }] }]\n"
            "plugins:\n";
    for (const auto& path : plugins) text << "  - " << path << "\n";
    text << "sinks: { out: " << sink << " }\nroutes: [{ match: {}, to: " << destination << " }]\n";
    return file;
  }
  static Ended run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), bridge_executable());
    return run_to_end(std::move(arguments));
  }
  /// The plug-in is an error at its line, for others may change it.
  static bool is_changeable_by_others(const fs::path& file) {
    const Ended checked = check(file);
    return checked.exit_code == 78 && std::ranges::any_of(checked.errors, [](const auto& line) {
             return line.find("bridge.yaml:4:5: error: plugins: ") != std::string::npos &&
                    line.find("can be changed by users other than root and pbxbridge's") != std::string::npos;
           });
  }
  static Ended check(const fs::path& file) { return run({"check", "--config", file.string()}); }

  TemporaryDirectory directory_;
};

TEST_F(Plugins, BringTypesThatCheckAndTheReferenceKnow) {
  const auto file =
      configuration({installed("good").string()}, "{ type: quiet, patience: 3 }", "{ sink: out, whisper: true }");
  const Ended checked = check(file);
  EXPECT_EQ(checked.exit_code, 0) << testing::PrintToString(checked.errors);
  EXPECT_THAT(checked.output, Contains(HasSubstr("out (quiet)")));

  const Ended reference = run({"reference", "configuration", "--config", file.string()});
  EXPECT_EQ(reference.exit_code, 0);
  EXPECT_THAT(reference.output, AllOf(Contains(HasSubstr("## Sink type `quiet`")), Contains(HasSubstr("`patience`")),
                                      Contains(HasSubstr("`whisper`"))));
  EXPECT_THAT(run({"reference", "configuration"}).output, testing::Not(Contains(HasSubstr("quiet"))));
}

TEST_F(Plugins, HaveTheirSettingsCheckedWithLineAndSuggestion) {
  const auto path = installed("good").string();
  EXPECT_THAT(check(configuration({path}, "{ type: quiet, patience: 30 }")).errors,
              Contains(AllOf(HasSubstr("bridge.yaml:5:"), HasSubstr("patience"))));
  EXPECT_THAT(check(configuration({path}, "{ type: quiet, patienec: 3 }")).errors,
              Contains(HasSubstr("did you mean \"patience\"?")));
  EXPECT_THAT(check(configuration({path}, "{ type: quiet }", "{ sink: out, wisper: true }")).errors,
              Contains(AllOf(HasSubstr("bridge.yaml:6:"), HasSubstr("did you mean \"whisper\"?"))));
  EXPECT_THAT(check(configuration({path}, "{ type: stdout }", "{ sink: out, whisper: true }")).errors,
              Contains(HasSubstr("\"whisper\" means nothing to sink \"out\" of type stdout; only quiet has it")));
}

TEST_F(Plugins, CarryEvents) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "plugins: [" + installed("good").string() +
                       "]\nsinks: { out: { type: quiet } }\n"
                       "routes: [{ match: { event_type: call_cdr }, to: { sink: out } }]\n");
  ASSERT_TRUE(bridge.wait_for_log("connected to nowhere")) << bridge.process().transcript();
  ASSERT_TRUE(simulator.wait_for("subscribed cdr_events"));
  simulator.command(R"(push {"event_type":"call_cdr","session_id":"95"})");
  EXPECT_TRUE(bridge.wait_for_metric("pbxbridge_events_delivered_total{sink=\"out\"}", 1));
  EXPECT_EQ(bridge.stop(), 0) << bridge.process().transcript();
}

#ifdef __SANITIZE_THREAD__
constexpr int threads_of_sanitizer = 1;
#else
constexpr int threads_of_sanitizer = 0;
#endif

/// Also where values are read from files, which threads do.
TEST_F(Plugins, AreLoadedBeforeThereAreThreads) {
  const auto path = installed("counts_threads");
  const auto threads = [&] {
    const fs::path counted = path.string() + ".threads";
    std::ifstream file(counted);
    int count = 0;
    file >> count;
    fs::remove(counted);
    return count;
  };
  std::ofstream(directory_ / "word") << "quiet";
  const auto file = configuration({path.string()}, "{ type: \"${file:" + (directory_ / "word").string() + "}\" }");
  EXPECT_EQ(check(file).exit_code, 0);
  const int alone = threads_of_sanitizer + 1;
  EXPECT_EQ(threads(), alone) << "check";
  EXPECT_EQ(run({"reference", "configuration", "--config", file.string()}).exit_code, 0);
  EXPECT_EQ(threads(), alone) << "reference";

  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "plugins: [" + path.string() +
                       "]\nsinks: { out: { type: quiet } }\nroutes: [{ match: {}, to: { sink: out } }]\n");
  ASSERT_TRUE(bridge.wait_for_log("running")) << bridge.process().transcript();
  EXPECT_EQ(threads(), alone) << "run";
  EXPECT_EQ(bridge.stop(), 0);
}

TEST_F(Plugins, AreLoadedAtTheStartOnly) {
  Simulator simulator;
  const std::string rest =
      everything_of(simulator.url()) + "sinks: { out: { type: stdout } }\nroutes: [{ match: {}, to: { sink: out } }]\n";
  BridgeProcess bridge(rest);
  ASSERT_TRUE(bridge.wait_for_log("running"));
  bridge.write_configuration("plugins: [" + installed("good").string() + "]\n" + rest);
  bridge.process().send_signal(SIGHUP);
  EXPECT_TRUE(bridge.wait_for_log("a plug-in is loaded at the start only")) << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);
}

struct Faulty {
  const char* name;
  const char* problem;
};

class FaultyPlugin : public Plugins, public testing::WithParamInterface<Faulty> {};

TEST_P(FaultyPlugin, IsAnErrorAtItsLine) {
  const Ended checked = check(configuration({installed(GetParam().name).string()}, "{ type: stdout }"));
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.errors,
              Contains(AllOf(HasSubstr("bridge.yaml:4:5: error: plugins: "),
                             HasSubstr(std::string(GetParam().name) + ".so"), HasSubstr(GetParam().problem))));
}

INSTANTIATE_TEST_SUITE_P(
    Plugins, FaultyPlugin,
    testing::Values(Faulty{"other_abi", "was built for \"pbxbridge api 0, gcc 7\", and this is \"pbxbridge api 5"},
                    Faulty{"no_symbol", "is not a plug-in of pbxbridge: it has no function \"pbxbridge_plugin\""},
                    Faulty{"known_name", "brings the sink type \"file\", and there is one already"},
                    Faulty{"unresolved", "cannot be loaded: undefined symbol"}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_F(Plugins, ThatAreNoSharedObjectsAreErrors) {
  const auto problem = [&](const std::string& path) {
    const Ended checked = check(configuration({path}, "{ type: stdout }"));
    EXPECT_EQ(checked.exit_code, 78);
    for (const auto& line : checked.errors)
      if (line.find(": error: plugins: ") != std::string::npos) return line;
    return std::string();
  };
  std::ofstream(directory_ / "text.so") << "text";
  EXPECT_THAT(problem((directory_ / "text.so").string()), HasSubstr("cannot be loaded: "));
  EXPECT_THAT(problem((directory_ / "none.so").string()), HasSubstr("none.so: No such file or directory"));
  EXPECT_THAT(problem(directory_.path().string()), HasSubstr("is not a file"));
  EXPECT_THAT(problem("good.so"), HasSubstr("\"good.so\" is not an absolute path"));
}

TEST_F(Plugins, OfOneNameInTwoFilesAreAnErrorAtTheSecond) {
  const auto first = installed("good");
  const auto second = directory_ / "again.so";
  fs::copy_file(first, second);
  fs::permissions(second, fs::perms(0755));
  const Ended checked = check(configuration({first.string(), second.string()}));
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.errors, Contains(AllOf(HasSubstr("bridge.yaml:5:5: error"), HasSubstr("there is one already"))));
}

TEST_F(Plugins, ThatOthersMayChangeAreNotLoaded) {
  const auto path = installed("good");
  const auto file = configuration({path.string()});
  EXPECT_EQ(check(file).exit_code, 0);
  fs::permissions(path, fs::perms(0757));
  EXPECT_TRUE(is_changeable_by_others(file)) << "every user may write the file";
  fs::permissions(path, fs::perms(0755));
  fs::permissions(directory_.path(), fs::perms(0777));
  EXPECT_TRUE(is_changeable_by_others(file)) << "every user may replace it";
  fs::permissions(directory_.path(), fs::perms(01777));
  EXPECT_EQ(check(file).exit_code, 0) << "a sticky directory";
  fs::permissions(directory_.path(), fs::perms(0755));
}

TEST_F(Plugins, ThatAnotherOwnsOrAGroupMayWriteAreNotLoaded) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make files of others";
  const auto path = installed("good");
  const auto file = configuration({path.string()});
  constexpr ::uid_t somebody = 12'345;
  ASSERT_EQ(::chown(path.c_str(), somebody, 0), 0);
  EXPECT_TRUE(is_changeable_by_others(file)) << "another user owns it";
  ASSERT_EQ(::chown(path.c_str(), 0, somebody), 0);
  fs::permissions(path, fs::perms(0775));
  EXPECT_TRUE(is_changeable_by_others(file)) << "a group may write it";
}

TEST_F(Plugins, AreLoadedFromWhereALinkLeads) {
  const auto path = installed("good");
  const TemporaryDirectory elsewhere;
  fs::create_symlink(path, elsewhere / "link.so");
  const auto file = configuration({(elsewhere / "link.so").string()});
  EXPECT_EQ(check(file).exit_code, 0);
  fs::permissions(path, fs::perms(0777));
  EXPECT_EQ(check(file).exit_code, 78);
}

}  // namespace
}  // namespace pbxbridge::test
