// Messages to a service manager on $NOTIFY_SOCKET: readiness, one sentence, signs of life, reload, stop.

#include "bridge_process.hpp"
#include "session_fixture.hpp"
#include "temporary_directory.hpp"
#include "wait.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <signal.h>
#include <string>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <system_error>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Not;
using testing::StartsWith;

/// Stands in a service manager's place: binds the socket and reads when it is asked to.
class ServiceManager {
 public:
  /// `address` as in $NOTIFY_SOCKET.
  explicit ServiceManager(const std::string& address) : address_(address) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.copy(name.sun_path, sizeof name.sun_path - 1);
    if (address[0] == '@') name.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + address.size() + (address[0] == '@' ? 0 : 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&name), static_cast<socklen_t>(size)), 0);
  }
  ~ServiceManager() { ::close(socket_); }
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  Process::Options environment(std::map<std::string, std::string> more = {}) const {
    more["NOTIFY_SOCKET"] = address_;
    return {.environment = more, .working_directory = {}, .network_namespace = {}};
  }

  /// The lines of all datagrams that have come, oldest first.
  const std::vector<std::string>& lines() {
    char datagram[8192];
    for (ssize_t size; (size = ::recv(socket_, datagram, sizeof datagram, MSG_DONTWAIT)) >= 0;) {
      std::string text(datagram, static_cast<std::size_t>(size));
      for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
        lines_.push_back(text.substr(0, end));
      EXPECT_EQ(text, "") << "a line without an end";
    }
    return lines_;
  }
  /// Waits for a line that begins so, among those since the last `forget`.
  bool hears(const std::string& beginning) {
    return eventually([&] {
      return std::ranges::any_of(lines(), [&](const std::string& line) { return line.starts_with(beginning); });
    });
  }
  /// Leaves no room for another datagram until somebody reads.
  void fill() const {
    const int sender = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un name{};
    socklen_t size = sizeof name;
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &size), 0);
    while (::sendto(sender, "", 0, 0, reinterpret_cast<sockaddr*>(&name), size) == 0) {
    }
    EXPECT_EQ(errno, EAGAIN);
    ::close(sender);
  }
  void forget() {
    (void)lines();
    lines_.clear();
  }
  bool hears_nothing_for(std::chrono::milliseconds time) {
    forget();
    return !eventually([&] { return !lines().empty(); }, time);
  }

 private:
  const std::string address_;
  const int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::vector<std::string> lines_;
};

std::int64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

TEST(ServiceNotifier, SaysThatItIsReadyAndTheSentenceOfTheStatus) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout, manager.environment());
  EXPECT_TRUE(manager.hears("READY=1"));
  ASSERT_TRUE(wait_until_subscribed(bridge));
  EXPECT_TRUE(manager.hears("STATUS=All is well"));
  EXPECT_EQ(nlohmann::json::parse(bridge.get("/status"))["verdict"]["sentence"], "All is well");

  manager.forget();
  simulator.command("refuse-connections on");
  simulator.command("close 1011 gone");
  EXPECT_TRUE(manager.hears("STATUS=PBX hq has been disconnected since "));
  EXPECT_THAT(manager.lines(), Each(StartsWith("STATUS="))) << "it wants no sign of life";
}

TEST(ServiceNotifier, IsReadyThoughThePbxIsAway) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  BridgeProcess bridge(everything_of("ws://127.0.0.1:9/wsi") + to_stdout, manager.environment());
  EXPECT_TRUE(manager.hears("READY=1"));
  EXPECT_TRUE(manager.hears("STATUS=PBX hq has been disconnected since "));
}

TEST(ServiceNotifier, ReachesAnAbstractSocket) {
  ServiceManager manager(fmt::format("@pbxbridge-test-{}-{}", ::getpid(), monotonic_microseconds()));
  BridgeProcess bridge(everything_of("ws://127.0.0.1:9/wsi") + to_stdout, manager.environment());
  EXPECT_TRUE(manager.hears("READY=1"));
}

TEST(ServiceNotifier, SaysWhenAReloadBeginsAndEndsAppliedOrNot) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  const std::string good = everything_of("ws://127.0.0.1:9/wsi") + to_stdout;
  BridgeProcess bridge(good, manager.environment());
  ASSERT_TRUE(manager.hears("READY=1"));
  for (const std::string& configuration : {good, std::string("pbx: [")}) {
    bridge.write_configuration(configuration);
    manager.forget();
    const auto before = monotonic_microseconds();
    bridge.process().send_signal(SIGHUP);
    ASSERT_TRUE(manager.hears("RELOADING=1"));
    ASSERT_TRUE(manager.hears("READY=1"));
    const auto lines = manager.lines();
    const auto time = std::ranges::find_if(lines, [](const auto& line) { return line.starts_with("MONOTONIC_USEC="); });
    ASSERT_NE(time, lines.end());
    EXPECT_GE(std::stoll(time->substr(15)), before);
    EXPECT_LE(std::stoll(time->substr(15)), monotonic_microseconds());
    EXPECT_LT(std::ranges::find(lines, "RELOADING=1"), std::ranges::find(lines, "READY=1"));
  }
  EXPECT_TRUE(eventually([&] { return bridge.get("/status").find("was rejected") != std::string::npos; }));
}

TEST(ServiceNotifier, SaysThatItStopsAndHowLongThatMayTake) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  BridgeProcess bridge(everything_of("ws://127.0.0.1:9/wsi") + to_stdout + "shutdown_timeout: 40s\n",
                       manager.environment({{"WATCHDOG_USEC", "500000"}}));
  ASSERT_TRUE(manager.hears("READY=1"));
  manager.forget();
  EXPECT_EQ(bridge.stop(), 0);
  EXPECT_THAT(manager.lines(),
              AllOf(Contains("STOPPING=1"), Contains("EXTEND_TIMEOUT_USEC=45000000"),
                    Contains("STATUS=Stopping: no more events are accepted, those in flight are delivered")));
}

TEST(ServiceNotifier, GivesASignOfLifeTwiceAsOftenAsItIsAskedTo) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  BridgeProcess bridge(everything_of("ws://127.0.0.1:9/wsi") + to_stdout,
                       manager.environment({{"WATCHDOG_USEC", "200000"}}));
  ASSERT_TRUE(manager.hears("READY=1"));
  EXPECT_TRUE(eventually([&] { return std::ranges::count(manager.lines(), "WATCHDOG=1") >= 10; }));
}

/// Stops one thread of a child process, its first, until it goes out of scope.
class StoppedThread {
 public:
  explicit StoppedThread(pid_t process) : process_(process) {
    if (::ptrace(PTRACE_SEIZE, process_, nullptr, nullptr) != 0 ||
        ::ptrace(PTRACE_INTERRUPT, process_, nullptr, nullptr) != 0 || ::waitpid(process_, nullptr, __WALL) != process_)
      throw std::system_error(errno, std::generic_category(), "its thread cannot be stopped");
  }
  ~StoppedThread() { ::ptrace(PTRACE_DETACH, process_, nullptr, nullptr); }
  StoppedThread(const StoppedThread&) = delete;
  StoppedThread& operator=(const StoppedThread&) = delete;

 private:
  const pid_t process_;
};

TEST(ServiceNotifier, GivesNoSignOfLifeWhileTheIoThreadHangs) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  BridgeProcess bridge(everything_of("ws://127.0.0.1:9/wsi") + to_stdout,
                       manager.environment({{"WATCHDOG_USEC", "200000"}}));
  ASSERT_TRUE(manager.hears("WATCHDOG=1"));
  {
    const StoppedThread io_thread(bridge.process().pid());
    EXPECT_TRUE(manager.hears_nothing_for(1s));
  }
  manager.forget();
  EXPECT_TRUE(manager.hears("WATCHDOG=1"));
}

TEST(ServiceNotifier, GivesNoSignOfLifeThatAnotherProcessOwes) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  BridgeProcess bridge(everything_of("ws://127.0.0.1:9/wsi") + to_stdout,
                       manager.environment({{"WATCHDOG_USEC", "100000"}, {"WATCHDOG_PID", "1"}}));
  ASSERT_TRUE(manager.hears("READY=1"));
  // Its sentence changes each second, as it says for how long the PBX has been away.
  ASSERT_TRUE(eventually([&] { return manager.lines().size() >= 4; }));
  EXPECT_THAT(manager.lines(), Not(Contains("WATCHDOG=1")));
}

TEST(ServiceNotifier, AManagerThatDoesNotReadDelaysNothingAndHearsTheLatest) {
  TemporaryDirectory directory;
  ServiceManager manager(directory / "notify");
  manager.fill();
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout, manager.environment({{"WATCHDOG_USEC", "200000"}}));
  ASSERT_TRUE(wait_until_subscribed(bridge));
  expect_events_flow(simulator, bridge, "while nobody reads");
  bridge.process().send_signal(SIGHUP);
  ASSERT_TRUE(bridge.wait_for_log("process.reloaded"));
  EXPECT_TRUE(manager.hears("READY=1"));
  EXPECT_TRUE(manager.hears("WATCHDOG=1"));
  EXPECT_TRUE(manager.hears("STATUS=All is well"));
  EXPECT_EQ(bridge.stop(), 0);
}

TEST(ServiceNotifier, RunsWhereTheAddressIsNone) {
  for (const std::string& address :
       {std::string("notify"), std::string("vsock:2:1234"), "/" + std::string(200, 'x'), std::string("@")}) {
    BridgeProcess bridge(
        everything_of("ws://127.0.0.1:9/wsi") + to_stdout,
        {.environment = {{"NOTIFY_SOCKET", address}}, .working_directory = {}, .network_namespace = {}});
    EXPECT_TRUE(bridge.wait_for_log("process.notify_failed")) << address;
    EXPECT_EQ(bridge.stop(), 0) << address;
  }
}

}  // namespace
}  // namespace pbxbridge::test
