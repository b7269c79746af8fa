#include "signed_in_client.hpp"
#include "support/simulator.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"
#include "web_socket_client.hpp"

#include <boost/system/system_error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <string>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::StartsWith;

std::string with_path(const Simulator& simulator, const std::string& path) {
  const std::string url = simulator.url();
  return url.substr(0, url.rfind('/')) + path;
}

TEST(SimulatorServer, ServesOnePathOnly) {
  Simulator simulator;
  EXPECT_THROW(WebSocketClient(with_path(simulator, "/other")), boost::system::system_error);
  EXPECT_TRUE(simulator.wait_for("another path than /wsi"));
  WebSocketClient client(with_path(simulator, "/wsi?x=1"));
  sign_in(client);
}

TEST(SimulatorServer, ServesAnyPathInVersion16) {
  Simulator simulator({"--dialect", "16"});
  WebSocketClient client(with_path(simulator, "/other"));
  EXPECT_TRUE(simulator.wait_for("client 1 connected"));
}

TEST(SimulatorServer, SignsInSubscribesAndPushesTheVeryBytes) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  EXPECT_TRUE(simulator.wait_for("client 1 connected"));
  EXPECT_TRUE(simulator.wait_for("client 1 auth ok bridge@example.test"));
  subscribe(client, "cdr_events");
  EXPECT_TRUE(simulator.wait_for("client 1 subscribed cdr_events"));

  EXPECT_EQ(simulator.command("push " + cdr), "ok push 1 client");
  EXPECT_EQ(simulator.command(R"(push {"event_type":"queue_status","queue_number":"8001"})"), "ok push 0 clients");
  EXPECT_EQ(simulator.command("push-all  not { JSON"), "ok push-all 1 client");
  EXPECT_EQ(simulator.command("push-hex 00ff0a"), "ok push 1 client");
  EXPECT_EQ(client.receive(), cdr);
  EXPECT_EQ(client.receive(), " not { JSON");
  EXPECT_THROW((void)client.receive(), boost::system::system_error) << "text that is no UTF-8 breaks the protocol";
}

TEST(SimulatorServer, PushesFramesOfEveryLengthAndBinaryOnes) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  for (const std::size_t size : {0U, 125U, 126U, 65535U, 65536U}) {
    simulator.command("push-all " + std::string(size, 'x'));
    EXPECT_EQ(client.receive().size(), size);
    EXPECT_FALSE(client.last_was_binary());
  }
  subscribe(client, "cdr_events");
  simulator.command("push-binary-hex 00ff");
  EXPECT_EQ(client.receive(), std::string("\0\xff", 2));
  EXPECT_TRUE(client.last_was_binary());
}

TEST(SimulatorServer, ServesTlsWithACertificateThatItsAuthoritySigned) {
  Simulator simulator({"--tls"});
  EXPECT_THAT(simulator.url(), StartsWith("wss://127.0.0.1:"));
  WebSocketClient client(simulator.url(), simulator.ca_file());
  sign_in(client);
  subscribe(client, "cdr_events");
  simulator.command("push " + cdr);
  EXPECT_EQ(client.receive(), cdr);
  simulator.command("close 1001 bye");
  EXPECT_EQ(client.wait_for_end(), "1001 bye");
}

TEST(SimulatorServer, CanHaveTheCertificateOfAnotherHost) {
  Simulator simulator({"--tls-name", "pbx.example.test"});
  EXPECT_THROW(WebSocketClient(simulator.url(), simulator.ca_file()), boost::system::system_error);
  WebSocketClient client(simulator.url(), simulator.ca_file(), "pbx.example.test");
  sign_in(client);
}

TEST(SimulatorServer, PushesExactlyAsManyEventsAsCountedAndEnds) {
  constexpr std::size_t count = 20'000;
  Simulator simulator({"--rate", "1000000", "--count", std::to_string(count), "--exit-when-done"});
  WebSocketClient client(simulator.url());
  sign_in(client);
  subscribe(client, "cdr_events");
  for (std::size_t i = 0; i < count; ++i)
    ASSERT_EQ(json::parse(client.receive()).at("tenant_id"), "710000000000000001");
  EXPECT_EQ(client.wait_for_end(), "1000 ");
  EXPECT_TRUE(simulator.wait_for("pushed 20000 events in "));
  EXPECT_EQ(simulator.process().wait(), 0);
}

TEST(SimulatorServer, ReportsAllThatItPushedWhereItsTimeEndsWithinAMoment) {
  for (const char* seed : {"1", "2", "3", "4", "5", "6"}) {
    Simulator simulator({"--rate", "1000000", "--duration", "0.1", "--seed", seed, "--exit-when-done"});
    WebSocketClient client(simulator.url());
    sign_in(client);
    subscribe(client, "cdr_events");
    EXPECT_EQ(client.wait_for_end(), "1000 ");
    const std::size_t received = client.messages_before_end();
    EXPECT_GT(received, 0U) << seed;
    EXPECT_TRUE(simulator.wait_for("pushed " + std::to_string(received) + " events in ")) << seed;
  }
}

TEST(SimulatorServer, PushesWhatItIsOrderedToDoBehindTheCount) {
  Simulator simulator({"--rate", "1000000", "--count", "1"});
  WebSocketClient client(simulator.url());
  sign_in(client);
  subscribe(client, "extension_events");
  ASSERT_TRUE(simulator.wait_for("pushed 1 events in "));
  EXPECT_EQ(simulator.command("presence 101 AWAY"), "ok presence 101 AWAY");
  std::string event;
  while (event.find("AWAY") == event.npos) event = client.receive();
  EXPECT_EQ(json::parse(event).at("event_type"), "extension_presence");
}

TEST(SimulatorServer, RepeatsPreparedEvents) {
  Simulator simulator({"--rate", "1000000", "--count", "1000", "--prepare", "100", "--exit-when-done"});
  WebSocketClient client(simulator.url());
  sign_in(client);
  subscribe(client, "cdr_events");
  std::set<std::string> different;
  for (int i = 0; i < 1000; ++i) different.insert(client.receive());
  EXPECT_LE(different.size(), 100U);
  EXPECT_EQ(client.wait_for_end(), "1000 ");
}

TEST(SimulatorServer, ReplaysAFileLineByLineOnceEnoughIsSubscribed) {
  const TemporaryDirectory directory;
  const auto file = directory / "events.ndjson";
  const std::string queue = R"({"queue_number":"8001","event_type":"queue_updated"})";
  std::ofstream(file) << cdr << "\nsurprise\n"
                      << R"({"event_type":"extension_created"})"
                      << "\n"
                      << queue << "\n";
  Simulator simulator({"--replay", file.string(), "--start-after", "2", "--no-snapshots"});
  WebSocketClient client(simulator.url());
  sign_in(client);
  subscribe(client, "cdr_events");
  subscribe(client, "queue_management_events");
  EXPECT_EQ(client.receive(), cdr);
  EXPECT_EQ(client.receive(), "surprise");
  EXPECT_EQ(client.receive(), queue);
  EXPECT_TRUE(simulator.wait_for("replayed; 1 lines had no subscriber"));
  EXPECT_EQ(simulator.command("replay " + file.string()), "ok replay 4 lines");
  EXPECT_EQ(client.receive(), cdr);
}

TEST(SimulatorServer, StartsWhenToldWhateverItWaitsFor) {
  const TemporaryDirectory directory;
  const auto file = directory / "events.ndjson";
  std::ofstream(file) << cdr << "\n";
  Simulator simulator({"--replay", file.string(), "--start-after", "1000"});
  WebSocketClient client(simulator.url());
  sign_in(client);
  subscribe(client, "cdr_events");
  EXPECT_EQ(simulator.command("push-all first"), "ok push-all 1 client");
  EXPECT_EQ(simulator.command("start"), "ok start");
  EXPECT_EQ(client.receive(), "first");
  EXPECT_EQ(client.receive(), cdr);
}

TEST(SimulatorServer, ClosesWithACodeBehindWhatWasPushed) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  simulator.command("push-all last words");
  simulator.command("close 4321 so long");
  EXPECT_EQ(simulator.command("push-all too late"), "ok push-all 0 clients");
  EXPECT_EQ(client.receive(), "last words");
  EXPECT_EQ(client.wait_for_end(), "4321 so long");
  EXPECT_TRUE(simulator.wait_for("client 1 gone: close 4321"));
}

TEST(SimulatorServer, SaysWhatIsWrongWithACommand) {
  Simulator simulator;
  EXPECT_THROW(simulator.command("dance"), std::runtime_error);
  EXPECT_TRUE(simulator.wait_for("error: unknown command `dance`"));
  EXPECT_THROW(simulator.command("replay /nowhere"), std::runtime_error);
}

TEST(SimulatorServer, FollowsItsCues) {
  const TemporaryDirectory directory;
  const auto file = directory / "cues";
  std::ofstream(file) << "0 reject-auth on\n0.1 quit\n";
  Simulator simulator({"--cues", file.string()});
  EXPECT_TRUE(simulator.wait_for("cue ok reject-auth on"));
  EXPECT_EQ(simulator.process().wait(), 0);
}

TEST(SimulatorServer, EndsOnSigtermClosingItsClients) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  simulator.process().send_signal(SIGTERM);
  EXPECT_EQ(client.wait_for_end(), "1000 ");
  EXPECT_EQ(simulator.process().wait(), 0);
}

TEST(SimulatorServer, TheLedgerHoldsWhatWasPushedToWhomAndWhy) {
  const TemporaryDirectory directory;
  Simulator simulator({"--ledger", (directory / "ledger").string()});
  WebSocketClient client(simulator.url());
  sign_in(client);
  client.send(R"({"command":"subscribe","topics":["queue_events"],"queues":["8001"]})");
  ASSERT_EQ(json::parse(client.receive()).at("status"), 0);
  EXPECT_EQ(json::parse(client.receive()).at("event_number"), 1) << "the snapshot is made up";
  simulator.command("push no JSON");
  EXPECT_EQ(client.receive(), "no JSON") << "what was given is not";
  simulator.command("drop fin");
  ASSERT_TRUE(simulator.wait_for("client 1 gone"));

  std::vector<std::string> story;
  std::ifstream file(directory / "ledger");
  for (std::string line; std::getline(file, line);) {
    const auto entry = json::parse(line);
    EXPECT_EQ(entry.at("client"), 1);
    story.push_back(entry.contains("what") ? entry.at("what").get<std::string>()
                                           : "pushed by " + entry.at("topic").get<std::string>());
  }
  EXPECT_THAT(story, ::testing::ElementsAre("connected", "auth ok bridge@example.test", "subscribed queue_events 8001",
                                            "pushed by queue_events", "pushed by queue_events", "gone: dropped"));
}

}  // namespace
}  // namespace pbxbridge::test
