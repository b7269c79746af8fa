// `pbxbridge tap` on a running bridge.

#include "process.hpp"
#include "sanitizer.hpp"
#include "session_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <signal.h>

namespace pbxbridge::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string call = R"({"event_type":"call_start","session_id":"7788990011","caller":"+4915550100"})";

class TapCommand : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(wait_until_subscribed(bridge_)) << bridge_.process().transcript(); }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {bridge_executable(), "tap", "--config", bridge_.configuration_file().string()});
    return arguments;
  }
  /// Starts one and waits until it listens.
  std::unique_ptr<Process> tap(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    auto process = std::make_unique<Process>(command(std::move(arguments)));
    EXPECT_TRUE(process->wait_for_output("\"moment\":\"listening\"")) << process->transcript();
    return process;
  }

  Simulator simulator_{std::vector<std::string>{"--no-snapshots"}};
  BridgeProcess bridge_{everything_of(simulator_.url()) +
                        "sinks:\n  out: { type: stdout, format: raw }\n"
                        "  dead: { type: mqtt, url: \"mqtt://127.0.0.1:9\" }\n"
                        "routes:\n  - match: {}\n    to: { sink: out }\n"
                        "  - match: { family: queue }\n    to: { sink: dead, topic: \"calls/{caller}\" }\n"};
};

TEST_F(TapCommand, ShowsAnEventItsSinksAndHowItEnds) {
  const auto watching = tap({});
  simulator_.command("push " + call);
  const auto accepted = watching->wait_for_output("\"moment\":\"accepted\"");
  const auto delivered = watching->wait_for_output("\"moment\":\"delivered\"");
  ASSERT_TRUE(accepted && delivered) << watching->transcript();
  const json event = json::parse(*accepted);
  EXPECT_EQ(event["pbx"], "hq");
  EXPECT_EQ(event["event_type"], "call_start");
  EXPECT_EQ(event["destinations"][0]["sink"], "out");
  const json end = json::parse(*delivered);
  EXPECT_EQ(end["event_id"], event["event_id"]);
  EXPECT_EQ(end["sink"], "out");
  EXPECT_THAT(watching->transcript(), Not(testing::AnyOf(HasSubstr("15550100"), HasSubstr("7788990011"))));
}

TEST(TapWithASpoolInMemory, AsksOnTheConfiguredSocket) {
  const TemporaryDirectory directory;
  const std::string socket = directory / "control.sock";
  Simulator simulator{std::vector<std::string>{"--no-snapshots"}};
  BridgeProcess bridge{everything_of(simulator.url()) +
                           "sinks: { out: { type: stdout, format: raw } }\nroutes: [{ match: {}, to: { sink: out } }]\n"
                           "spool: { type: memory }\n",
                       {},
                       "control_socket: " + socket};
  ASSERT_TRUE(wait_until_subscribed(bridge)) << bridge.process().transcript();
  EXPECT_EQ(std::filesystem::status(socket).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  Process watching({bridge_executable(), "tap", "--json", "--config", bridge.configuration_file().string()});
  ASSERT_TRUE(watching.wait_for_output("\"moment\":\"listening\"")) << watching.transcript();
  simulator.command("push " + call);
  EXPECT_TRUE(watching.wait_for_output("\"moment\":\"delivered\"")) << watching.transcript();
}

TEST_F(TapCommand, ShowsNumbersAndPayloadsWhereAskedTo) {
  const auto watching = tap({"--clear", "--field", "caller=+49*"});
  simulator_.command(R"(push {"event_type":"call_start","caller":"+33"})");
  simulator_.command("push " + call);
  const auto accepted = watching->wait_for_output("\"moment\":\"accepted\"");
  ASSERT_TRUE(accepted) << watching->transcript();
  EXPECT_EQ(json::parse(*accepted)["payload"], call);
}

TEST_F(TapCommand, FiltersByEachOfItsOptions) {
  const std::vector<std::vector<std::string>> none = {
      {"--pbx", "branch"},   {"--sink", "dead"},  {"--route", "2"},          {"--family", "queue"},
      {"--type", "call_e*"}, {"--entity", "99*"}, {"--field", "caller=+33*"}};
  const std::vector<std::vector<std::string>> all = {{"--pbx", "h?"},
                                                     {"--sink", "out"},
                                                     {"--route", "1"},
                                                     {"--family", "*"},
                                                     {"--type", "call_*", "--type", "x"},
                                                     {"--entity", "77*"},
                                                     {"--field", "caller=*0100"}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto without = tap(none[i]);
    const auto with = tap(all[i]);
    simulator_.command("push " + call);
    EXPECT_TRUE(with->wait_for_output("\"moment\":\"delivered\"")) << all[i][0] << with->transcript();
    EXPECT_THAT(without->transcript(), Not(HasSubstr("accepted"))) << none[i][0];
  }
}

TEST_F(TapCommand, WritesALineForPeopleWithoutColoursIntoAPipe) {
  Process watching(command({"--pbx", "hqq", "--pbx", "hq"}));
  ASSERT_TRUE(watching.wait_for_error("warning: no PBX of this configuration is named \"hqq\", did you mean \"hq\"?"))
      << watching.transcript();
  simulator_.command("push " + call);
  ASSERT_TRUE(watching.wait_for_output("delivered")) << watching.transcript();
  for (const auto& line : watching.output_lines()) {
    EXPECT_THAT(line, testing::MatchesRegex("..:..:......  (accepted |delivered)  +hq  call_start .*out.*")) << line;
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  }
}

TEST_F(TapCommand, SaysWhatTheBridgeDoesNotKnow) {
  const Ended wrong = run_to_end(command({"--sink", "oot"}));
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_THAT(wrong.transcript, HasSubstr("there is no sink \"oot\", did you mean \"out\"?"));
  EXPECT_EQ(run_to_end(command({"--field", "caller"})).exit_code, 64);
  EXPECT_EQ(bridge_.stop(), 0);
  const Ended gone = run_to_end(command({}));
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(gone.transcript, HasSubstr("no pbxbridge answers on"));
}

TEST_F(TapCommand, EndsWithItsReaderASignalAndTheBridge) {
  const double files = bridge_.metric("process_open_fds");
  std::string line;
  for (const std::string& word : command({"--json"})) line += "'" + word + "' ";
  // The first line is that it listens: then nothing comes that could be written to nobody.
  const Ended piped = run_to_end({"sh", "-c", line + "| head -n 1"});
  EXPECT_EQ(piped.exit_code, 0) << piped.transcript;
  const auto interrupted = tap({});
  interrupted->send_signal(SIGINT);
  EXPECT_EQ(interrupted->wait(), 128 + SIGINT);
  EXPECT_TRUE(eventually([&] { return bridge_.metric("process_open_fds") <= files; })) << "the bridge has let go of it";
  const auto last = tap({});
  EXPECT_EQ(bridge_.stop(), 0);
  EXPECT_EQ(last->wait(), 1);
  EXPECT_THAT(last->transcript(), HasSubstr("the pbxbridge that was watched has ended it"));
}

TEST_F(TapCommand, TheOldestMakesRoomForTheNinth) {
  std::vector<std::unique_ptr<Process>> watching;
  for (int i = 0; i < 9; ++i) watching.push_back(tap({}));
  EXPECT_EQ(watching.front()->wait(), 1);
  simulator_.command("push " + call);
  for (std::size_t i = 1; i < watching.size(); ++i)
    EXPECT_TRUE(watching[i]->wait_for_output("\"moment\":\"delivered\"")) << i;
}

TEST_F(TapCommand, AReaderThatStandsStillSlowsNothingAndIsToldWhatItMissed) {
  const auto frozen = tap({"--rate", "1000"});
  frozen->freeze();
  const double memory = bridge_.metric("process_resident_memory_bytes");
  simulator_.command("rate 4000");
  ASSERT_TRUE(eventually([&] { return bridge_.metric(R"(pbxbridge_events_delivered_total{sink="out"})") > 15'000; },
                         long_enough));
  simulator_.command("rate 0");
  if (!is_sanitized) {
    EXPECT_LT(bridge_.metric("process_resident_memory_bytes"), memory + 50e6);
  }
  frozen->thaw();
  ASSERT_TRUE(frozen->wait_for_output("\"moment\":\"left_out\"")) << "among " << frozen->output_lines().size();
  EXPECT_THAT(frozen->output_lines(), testing::Contains(HasSubstr("\"reader_too_slow\":")));
  simulator_.command("push " + call);
  EXPECT_TRUE(frozen->wait_for_output("\"call_start\"")) << "it goes on";
}

}  // namespace
}  // namespace pbxbridge::test
