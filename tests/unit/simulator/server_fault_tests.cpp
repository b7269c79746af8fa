// Faults of the simulated PBX, as its clients see them.

#include "signed_in_client.hpp"
#include "support/sanitizer.hpp"
#include "support/simulator.hpp"
#include "support/wait.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <optional>
#include <string>
#include <thread>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr auto patience_for_silence = 200ms;

/// Speaks to the simulator over a bare socket: answers a close and leaves the TCP connection open.
class HalfClosingClient {
 public:
  explicit HalfClosingClient(std::uint16_t port) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    const std::string handshake =
        "GET /wsi HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    // Sent at once: the frames do not wait for the answer to the handshake.
    write(handshake +
          masked('\x81', R"({"command":"auth","username":"bridge","password":"secret","domain":"example.test"})") +
          masked('\x81', R"({"command":"subscribe","topics":["cdr_events"]})"));
    read_until("\r\n\r\n");
  }

  void answer_close() {
    const std::string normal_closure = "\x03\xe8";
    read_until("\x88\x02" + normal_closure);
    write(masked('\x88', normal_closure));
  }

 private:
  /// Masks with zeros, which leave the payload as it is; for payloads of at most 125 bytes.
  static std::string masked(char first_byte, const std::string& payload) {
    return std::string{first_byte, static_cast<char>(0x80 | payload.size())} + std::string(4, '\0') + payload;
  }
  void write(const std::string& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  void read_until(const std::string& end) {
    const auto size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(received_), end);
    received_.erase(0, size);
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::string received_;
};

TEST(SimulatorServer, EndsSoonWhenAClientAnswersTheCloseButKeepsItsSocket) {
  Simulator simulator({"--rate", "1000", "--count", "1", "--exit-when-done"});
  HalfClosingClient client(simulator.port());
  ASSERT_TRUE(simulator.wait_for("client 1 subscribed cdr_events"));
  client.answer_close();
  EXPECT_EQ(simulator.process().wait(10s), 0) << simulator.process().transcript();
}

TEST(SimulatorServer, DropsByFinAndByReset) {
  Simulator simulator;
  WebSocketClient first(simulator.url());
  sign_in(first);
  simulator.command("drop fin");
  EXPECT_EQ(first.wait_for_end(), "End of file");
  EXPECT_TRUE(simulator.wait_for("client 1 gone: dropped"));
  WebSocketClient second(simulator.url());
  sign_in(second);
  simulator.command("drop rst");
  EXPECT_EQ(second.wait_for_end(), "Connection reset by peer");
}

TEST(SimulatorServer, FallsSilentWithoutClosing) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  EXPECT_TRUE(client.answers_ping(10s));
  simulator.command("silent on");
  EXPECT_FALSE(client.answers_ping(patience_for_silence));
  EXPECT_EQ(simulator.command("push-all unheard"), "ok push-all 1 client");
  simulator.command("silent off");
  EXPECT_TRUE(client.answers_ping(10s));
  simulator.command("push-all heard");
  EXPECT_EQ(client.receive(), "heard");
}

TEST(SimulatorServer, StopsReadingAndReadsOnLater) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  simulator.command("stop-reading on");
  EXPECT_FALSE(client.answers_ping(patience_for_silence));
  client.send(R"({"command":"subscribe","topics":["cdr_events"]})");
  simulator.command("push-all still talking");
  EXPECT_EQ(client.receive(), "still talking");
  simulator.command("stop-reading off");
  EXPECT_EQ(client.receive(), R"({"command":"subscribe","id":"2","status":0})");
}

TEST(SimulatorServer, RejectsWhatItIsToldToReject) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  simulator.command("reject-auth on");
  client.send(R"({"command":"auth","username":"admin","password":"secret"})");
  EXPECT_THAT(client.receive(), HasSubstr("password error"));
  simulator.command("reject-auth off");
  client.send(R"({"command":"auth","username":"bridge","password":"secret","domain":"example.test"})");
  EXPECT_THAT(client.receive(), HasSubstr(R"("status":0)"));
  simulator.command("reject cdr_events not today");
  client.send(R"({"command":"subscribe","topics":["cdr_events"]})");
  EXPECT_EQ(json::parse(client.receive()).at("error"), "not today");
  simulator.command("refuse-connections on");
  EXPECT_THROW(WebSocketClient(simulator.url()), boost::system::system_error);
  simulator.command("refuse-connections off");
  WebSocketClient again(simulator.url());
  EXPECT_TRUE(simulator.wait_for("client 2 connected"));
}

TEST(SimulatorServer, StaysClosedOverARestartWhenToldSo) {
  Simulator simulator;
  simulator.command("refuse-connections on");
  simulator.command("restart");
  const auto end = std::chrono::steady_clock::now() + 1500ms;  // it restarts within a second
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_THROW(WebSocketClient(simulator.url()), boost::system::system_error);
    std::this_thread::sleep_for(50ms);
  }
  simulator.command("refuse-connections off");
  WebSocketClient client(simulator.url());
}

TEST(SimulatorServer, PreparesEventsWithTheNewIdsAfterARestart) {
  Simulator simulator({"--rate", "1000", "--prepare", "200"});
  simulator.command("restart");
  std::optional<WebSocketClient> client;
  ASSERT_TRUE(eventually([&] {
    try {
      client.emplace(simulator.url());
    } catch (const boost::system::system_error&) {
    }
    return client.has_value();
  }));
  sign_in(*client);
  subscribe(*client, "cdr_events");
  EXPECT_NE(json::parse(client->receive()).at("tenant_id"), "710000000000000001");
}

TEST(SimulatorServer, AnswersLateWhenToldTo) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  simulator.command("answer-delay 300");
  const auto before = std::chrono::steady_clock::now();
  sign_in(client);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 300ms);
}

TEST(SimulatorServer, HearsLateWhatItAnswersLateAndInTheOrderInWhichItCame) {
  Simulator simulator;
  WebSocketClient client(simulator.url());
  sign_in(client);
  simulator.command("answer-delay 400");
  client.send(R"({"command":"subscribe","topics":["cdr_events"]})");
  EXPECT_TRUE(client.answers_ping(10s)) << "the subscribe has arrived";
  EXPECT_EQ(simulator.command("push " + cdr), "ok push 0 clients") << "nobody has heard the subscribe yet";
  simulator.command("answer-delay 0");
  client.send(R"({"command":"unsubscribe","topics":["cdr_events"]})");
  EXPECT_EQ(client.receive(), R"({"command":"subscribe","id":"2","status":0})");
  EXPECT_EQ(client.receive(), R"({"command":"unsubscribe","id":"3","status":0})");
}

/// Returns the memory that a process holds now.
std::size_t resident_mebibytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  std::size_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * 4096 / (1024 * 1024);
}

TEST(SimulatorServer, MakesNoMoreForAClientThatDoesNotRead) {
  constexpr int subscribes = 200;
  Simulator simulator({"--extensions", "5000"});
  WebSocketClient client(simulator.url());
  sign_in(client);
  const auto before = resident_mebibytes(simulator.process().pid());
  for (int i = 0; i < subscribes; ++i) client.send(R"({"command":"subscribe","topics":["extension_events"]})");
  ASSERT_TRUE(simulator.wait_for("client 1 subscribed extension_events"));
  // While this one gets so many answers, each frame of the other has had its turn.
  WebSocketClient other(simulator.url());
  for (int i = 0; i < 2 * subscribes; ++i) {
    other.send(R"({"command":"sing"})");
    EXPECT_THAT(other.receive(), HasSubstr("unknown command"));
  }
  if (!test::is_sanitized) {
    EXPECT_LT(resident_mebibytes(simulator.process().pid()), before + 40);
  }
  int answers = 0;
  while (answers < subscribes) answers += client.receive().find(R"("command":"subscribe")") != std::string::npos;
}

}  // namespace
}  // namespace pbxbridge::test
