// Signals at any time, and readers of the output that have stopped.

#include "bridge_process.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "temporary_directory.hpp"
#include "wait.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

/// A pipe that nobody reads and that is full from the beginning.
class StoppedPipe {
 public:
  StoppedPipe() {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC | O_NONBLOCK), 0);
    const std::string block(4096, 'x');
    while (::write(ends_[1], block.data(), block.size()) > 0) {
    }
    ::fcntl(ends_[1], F_SETFL, 0);  // as a child finds it
  }
  ~StoppedPipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  StoppedPipe(const StoppedPipe&) = delete;
  StoppedPipe& operator=(const StoppedPipe&) = delete;
  int end() const { return ends_[1]; }
  /// All that is in it, as somebody who reads again finds it.
  std::string drain() {
    std::string text;
    char buffer[65536];
    for (ssize_t count; (count = ::read(ends_[0], buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(count));
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

/// `pbxbridge run`, with output to /dev/null unless said otherwise. Killed with this object.
class RunningBridge {
 public:
  struct Streams {
    int output = -1;
    int error = -1;
  };
  explicit RunningBridge(const std::filesystem::path& configuration) : RunningBridge(configuration, Streams()) {}
  RunningBridge(const std::filesystem::path& configuration, Streams streams) {
    const std::string executable = bridge_executable();
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(streams.output < 0 ? nowhere : streams.output, STDOUT_FILENO);
    ::dup2(streams.error < 0 ? nowhere : streams.error, STDERR_FILENO);
    ::execl(executable.c_str(), "pbxbridge", "run", "--config", configuration.c_str(), nullptr);
    ::_exit(127);
  }
  ~RunningBridge() {
    if (wait(0ms)) return;
    ::kill(pid_, SIGKILL);
    (void)wait(10s);
  }
  RunningBridge(const RunningBridge&) = delete;
  RunningBridge& operator=(const RunningBridge&) = delete;

  void send(int signal) const { ::kill(pid_, signal); }
  /// Its exit code or 128 + signal; nothing while it runs.
  std::optional<int> wait(std::chrono::milliseconds limit) {
    (void)eventually(
        [&] {
          int status = 0;
          if (code_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return code_.has_value();
          code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
          return true;
        },
        limit);
    return code_;
  }
  pid_t pid() const { return pid_; }
  /// Returns whether our own code has begun: it blocks SIGTERM before anything else.
  bool holds_signals() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("SigBlk:")) return (std::stoull(line.substr(7), nullptr, 16) >> (SIGTERM - 1) & 1U) != 0;
    return false;
  }

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

std::string configuration(const TemporaryDirectory& directory, const Simulator& simulator, const std::string& sink) {
  return everything_of(simulator.url()) + "sinks:\n  out: " + sink +
         "\nroutes:\n  - match: {}\n    to: { sink: out }\nshutdown_timeout: 3s\nadmin: { listen: \"\" }\nspool: { "
         "path: " +
         (directory / "spool").string() + " }\n";
}

std::filesystem::path write(const TemporaryDirectory& directory, const std::string& text) {
  const auto path = directory / "pbxbridge.yaml";
  std::ofstream(path) << text;
  return path;
}

/// A configuration that cannot be read before somebody writes it.
std::filesystem::path make_fifo(const TemporaryDirectory& directory) {
  const auto path = directory / "pbxbridge.yaml";
  EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
  return path;
}

TEST(Signals, AStopEndsInTimeThoughNobodyReadsTheLog) {
  TemporaryDirectory directory;
  Simulator simulator;
  StoppedPipe log;
  const auto path = directory / "events.ndjson";
  RunningBridge bridge(
      write(directory, configuration(directory, simulator, "{ type: file, path: " + path.string() + " }")),
      {.output = -1, .error = log.end()});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path) && std::filesystem::file_size(path) > 0; }, 60s));
  bridge.send(SIGTERM);
  EXPECT_EQ(bridge.wait(5s), 0);
}

TEST(Signals, AStopEndsInTimeThoughNobodyReadsTheEvents) {
  TemporaryDirectory directory;
  Simulator simulator;
  StoppedPipe events;
  StoppedPipe log;
  RunningBridge bridge(write(directory, configuration(directory, simulator, "{ type: stdout }")),
                       {.output = events.end(), .error = log.end()});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(directory / "spool"); }, 60s));
  bridge.send(SIGTERM);
  EXPECT_EQ(bridge.wait(6s), 0);
}

TEST(Signals, WhoReadsTheLogAgainLearnsHowMuchIsLost) {
  TemporaryDirectory directory;
  Simulator simulator;
  StoppedPipe log;
  const auto path = directory / "events.ndjson";
  RunningBridge bridge(
      write(directory, configuration(directory, simulator, "{ type: file, path: " + path.string() + " }")),
      {.output = -1, .error = log.end()});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path) && std::filesystem::file_size(path) > 0; }, 60s));
  std::string text = log.drain();
  EXPECT_TRUE(eventually([&] { return (text += log.drain()).find("process.started") != std::string::npos; }, 20s));
  bridge.send(SIGTERM);
  EXPECT_EQ(bridge.wait(5s), 0);
  EXPECT_NE(log.drain().find("process.stopped"), std::string::npos);
}

TEST(Signals, AStopBeforeTheConfigurationIsReadEndsWithoutAnError) {
  for (const int signal : {SIGTERM, SIGINT}) {
    TemporaryDirectory directory;
    RunningBridge bridge(make_fifo(directory));
    ASSERT_TRUE(eventually([&] { return bridge.holds_signals(); }));
    bridge.send(signal);
    EXPECT_EQ(bridge.wait(5s), 0);
  }
}

TEST(Signals, AHangUpBeforeTheConfigurationIsReadReloadsLater) {
  TemporaryDirectory directory;
  Simulator simulator;
  int log[2];
  ASSERT_EQ(::pipe2(log, O_CLOEXEC), 0);
  const auto fifo = make_fifo(directory);
  RunningBridge bridge(fifo, {.output = -1, .error = log[1]});
  ::close(log[1]);
  ASSERT_TRUE(eventually([&] { return bridge.holds_signals(); }));
  bridge.send(SIGHUP);
  const int writer = ::open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
  // The file that it reads the next time.
  std::filesystem::remove(fifo);
  const std::string text = configuration(directory, simulator, "{ type: stdout }");
  write(directory, text);
  ASSERT_EQ(::write(writer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(writer);
  std::string lines;
  char buffer[4096];
  while (lines.find("process.reloaded") == std::string::npos) {
    const ssize_t count = ::read(log[0], buffer, sizeof buffer);
    ASSERT_GT(count, 0) << lines;
    lines.append(buffer, static_cast<std::size_t>(count));
  }
  bridge.send(SIGTERM);
  EXPECT_EQ(bridge.wait(20s), 0);
  ::close(log[0]);
}

TEST(Signals, AreObeyedWheneverTheyCome) {
  TemporaryDirectory directory;
  Simulator simulator;
  const auto file = write(directory, configuration(directory, simulator, "{ type: stdout }"));
  std::minstd_rand random(20261128);
  for (int i = 0; i < 200; ++i) {
    RunningBridge bridge(file);
    // Before its first instruction no program can do anything about a signal.
    while (!bridge.holds_signals()) ASSERT_FALSE(bridge.wait(0ms)) << i;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    if (i % 2 == 0) {
      bridge.send(SIGHUP);
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
    }
    bridge.send(SIGTERM);
    ASSERT_EQ(bridge.wait(10s), 0) << i;
  }
}

TEST(Signals, NothingOfMemoryIsLeftBehindByACrash) {
  TemporaryDirectory directory;
  RunningBridge bridge(make_fifo(directory));
  ASSERT_TRUE(eventually([&] {
    std::ifstream limits("/proc/" + std::to_string(bridge.pid()) + "/limits");
    for (std::string line; std::getline(limits, line);)
      if (line.starts_with("Max core file size")) return line.find(" 0 ") != std::string::npos;
    return false;
  }));
  bridge.send(SIGQUIT);
  EXPECT_EQ(bridge.wait(5s), 128 + SIGQUIT);
}

}  // namespace
}  // namespace pbxbridge::test
