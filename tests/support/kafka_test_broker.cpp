// kafka_test_broker start|stop: the broker that all tests of one ctest run share. `start` returns once it answers; it
// runs on in the background until `stop`, or until half an hour has gone by (three hours where faults are tried a
// hundred times and more), should ctest have been interrupted.

#include "kafka_broker.hpp"
#include "wait.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using namespace pbxbridge::test;

timespec longest_life() { return {.tv_sec = std::getenv("PBXBRIDGE_ROBUSTNESS_RUNS") ? 10'800 : 1'800, .tv_nsec = 0}; }

/// Nothing where none runs.
pid_t running_keeper() {
  std::ifstream file(shared_kafka_file());
  std::string address;
  pid_t keeper = 0;
  return file >> address >> keeper && kill(keeper, 0) == 0 ? keeper : 0;
}

void stop() {
  if (const pid_t keeper = running_keeper(); keeper > 0) {
    kill(keeper, SIGTERM);
    if (!eventually([&] { return kill(keeper, 0) != 0; }, 30s)) throw std::runtime_error("Kafka does not end");
  }
  std::filesystem::remove(shared_kafka_file());
}

/// The process in the background. Written under another name first, so that the file is complete once it is there.
int keep_running() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  try {
    const KafkaBroker broker;
    const auto written = shared_kafka_file().string() + ".new";
    std::ofstream(written) << broker.address() << '\n' << getpid() << '\n';
    std::filesystem::rename(written, shared_kafka_file());
    const timespec life = longest_life();
    sigtimedwait(&ending, nullptr, &life);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}

/// ctest waits for everything that holds its pipes.
void leave_terminal(const std::string& log) {
  setsid();
  const int output = open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
}

void start() {
  if (const char* given = std::getenv("PBXBRIDGE_TEST_KAFKA"); given && *given) return;
  stop();
  const std::string log = shared_kafka_file().string() + ".log";
  const pid_t keeper = fork();
  if (keeper == 0) {
    leave_terminal(log);
    std::_Exit(keep_running());
  }
  int status = 0;
  const bool settled = eventually(
      [&] { return std::filesystem::exists(shared_kafka_file()) || waitpid(keeper, &status, WNOHANG) == keeper; }, 80s);
  if (settled && std::filesystem::exists(shared_kafka_file())) return;
  throw std::runtime_error("Kafka did not start; see " + log);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::string command = argument_count == 2 ? arguments[1] : "";
  try {
    if (command == "start")
      start();
    else if (command == "stop")
      stop();
    else
      throw std::runtime_error("usage: kafka_test_broker start|stop");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
