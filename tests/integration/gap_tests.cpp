// Events that are missing because nobody was subscribed: each stretch in which a PBX did not push to pbxbridge is one
// gap, also over the ends of processes.

#include "session_fixture.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <signal.h>

namespace pbxbridge::test {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

/// RFC 3339 in UTC, so that two can be compared as texts.
std::string utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", std::gmtime(&seconds));
  return text;
}

class GapsOverRestarts : public testing::Test {
 protected:
  void start() {
    bridge_.emplace(everything_of(simulator_.url()) + to_stdout + "spool: { path: " + (directory_ / "spool").string() +
                    " }\n");
  }
  void start_and_subscribe() {
    start();
    ASSERT_TRUE(wait_until_subscribed(*bridge_)) << bridge_->process().transcript();
  }
  void kill() {
    bridge_->process().send_signal(SIGKILL);
    ASSERT_TRUE(bridge_->process().wait());
  }
  /// Waits until a kill leaves behind what it is to find.
  void wait_for_bookkeeping() {
    const auto before = subscribed_up_to();
    ASSERT_TRUE(eventually([&] { return subscribed_up_to() > before; }));
  }

  std::vector<Json> spool(std::vector<std::string> arguments) {
    std::vector<std::string> words = {bridge_executable(), "spool"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.insert(words.end(), {"--config", bridge_->configuration_file().string(), "--json"});
    Process process(words);
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    std::vector<Json> lines;
    for (const auto& line : process.output_lines()) lines.push_back(Json::parse(line));
    return lines;
  }
  std::vector<Json> gaps() { return spool({"list", "--gaps"}); }
  std::string subscribed_up_to() {
    return spool({"stat"}).front().value(Json::json_pointer("/pbx/hq/subscribed_up_to"), "");
  }
  /// The only gap, once it is written.
  Json the_gap() {
    EXPECT_TRUE(eventually([&] { return !gaps().empty(); })) << bridge_->process().transcript();
    const auto all = gaps();
    EXPECT_EQ(all.size(), 1U) << Json(all).dump(1);
    return all.empty() ? Json::object() : all.front();
  }
  void expect_stretch(const Json& gap, const std::string& earliest, const std::string& begun, const std::string& over) {
    const std::string begin = gap.value("begin", ""), end = gap.value("end", "");
    EXPECT_GE(begin, earliest);
    EXPECT_LE(begin, begun + "z") << "events may be missing from then on";
    EXPECT_GE(end, over) << "events may be missing up to then";
  }

  Simulator simulator_;
  TemporaryDirectory directory_;
  std::optional<BridgeProcess> bridge_;
};

TEST_F(GapsOverRestarts, TheFirstStartOfAllIsNone) {
  start_and_subscribe();
  EXPECT_EQ(bridge_->stop(), 0);
  EXPECT_TRUE(gaps().empty());
}

TEST_F(GapsOverRestarts, TheTimeThatAKilledProcessDidNotRunIsOne) {
  start_and_subscribe();
  wait_for_bookkeeping();
  const auto killed = std::chrono::system_clock::now();
  kill();
  EXPECT_TRUE(gaps().empty()) << "how long it is will be known when the PBX streams again";
  std::this_thread::sleep_for(1500ms);
  const auto restarted = std::chrono::system_clock::now();
  start_and_subscribe();
  const Json gap = the_gap();
  EXPECT_EQ(gap["reason"], "not_running");
  EXPECT_EQ(gap["pbx"], "hq");
  expect_stretch(gap, utc(killed - 5s), utc(killed), utc(restarted));
  EXPECT_TRUE(wait_for_metric(*bridge_, R"(pbxbridge_gaps_total{reason="not_running"})", 1));
  EXPECT_GE(bridge_->metric(R"(pbxbridge_gap_seconds_total{reason="not_running"})"), 1.5);
  EXPECT_TRUE(bridge_->wait_for_log("events are missing: not_running"));
}

TEST_F(GapsOverRestarts, TheTimeAfterAStopIsOne) {
  start_and_subscribe();
  const auto stopped = std::chrono::system_clock::now();
  EXPECT_EQ(bridge_->stop(), 0);
  EXPECT_TRUE(gaps().empty());
  const auto restarted = std::chrono::system_clock::now();
  start_and_subscribe();
  const Json gap = the_gap();
  EXPECT_EQ(gap["reason"], "not_running");
  expect_stretch(gap, utc(stopped - 1s), utc(restarted), utc(restarted));
}

TEST_F(GapsOverRestarts, ADisconnectionThatAKillCutsShortIsOneOverTheWholeStretch) {
  start_and_subscribe();
  const auto lost = std::chrono::system_clock::now();
  simulator_.command("refuse-connections on");
  simulator_.command("drop fin");
  ASSERT_TRUE(wait_for_metric(*bridge_, streaming, 0));
  const auto noticed = std::chrono::system_clock::now();
  ASSERT_TRUE(eventually([&] { return spool({"stat"}).front()["pbx"]["hq"].value("disconnected", false); }));
  for (int starts = 0; starts < 2; ++starts) {
    kill();
    start();
  }
  std::this_thread::sleep_for(1500ms);
  EXPECT_TRUE(gaps().empty());
  const auto restarted = std::chrono::system_clock::now();
  simulator_.command("refuse-connections off");
  ASSERT_TRUE(wait_until_subscribed(*bridge_));
  const Json gap = the_gap();
  EXPECT_EQ(gap["reason"], "disconnected");
  expect_stretch(gap, utc(lost), utc(noticed), utc(restarted));
}

TEST_F(GapsOverRestarts, ADisconnectionWithinOneLifeIsOne) {
  start_and_subscribe();
  const auto lost = std::chrono::system_clock::now();
  simulator_.command("drop rst");
  ASSERT_TRUE(wait_for_metric(*bridge_, reconnects, 1));
  const Json gap = the_gap();
  EXPECT_EQ(gap["reason"], "disconnected");
  expect_stretch(gap, utc(lost), utc(std::chrono::system_clock::now()), utc(lost));
}

TEST_F(GapsOverRestarts, ADisconnectionEndsOnlyWhenAllSubscriptionsAreAnswered) {
  start_and_subscribe();
  const auto lost = std::chrono::system_clock::now();
  simulator_.command("answer-delay 2500");
  simulator_.command("drop rst");
  ASSERT_TRUE(wait_for_metric(*bridge_, reconnects, 1));
  const auto accepted = std::chrono::system_clock::now();
  EXPECT_TRUE(gaps().empty()) << "the account is accepted, and nothing subscribed to yet";
  ASSERT_TRUE(wait_until_subscribed(*bridge_));
  const Json gap = the_gap();
  EXPECT_EQ(gap["reason"], "disconnected");
  expect_stretch(gap, utc(lost), utc(accepted), utc(accepted));
}

}  // namespace
}  // namespace pbxbridge::test
