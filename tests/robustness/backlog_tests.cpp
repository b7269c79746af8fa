// A sink that is dead for long: the backlog stays on the disk, and is nobody else's business.

#include "acknowledgement_times.hpp"
#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

constexpr double mebibyte = 1024 * 1024;

/// Of a running process, such as the most that it ever had in memory (VmHWM).
double memory_bytes(pid_t process, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;)
    if (word == name + ":") {
      double kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

/// 64 MiB, the configured queue, which is full, and what a sink that waits has read ahead (16 MiB at the most). Pages
/// of the program and its libraries are on top: they are files, shared with others, and go when memory is short.
constexpr double allowed_memory_bytes = (64 + 16 + 16) * mebibyte;

TEST(Backlog, TakesNoMemoryAndNoTimeToStart) {
  // A run of many kills is the long form of this one, too.
  const int events = robustness_runs(0) > 0 ? 1'000'000 : 200'000;
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = fmt::format("{} events spooled with a dead broker, kill -9, restart", events),
                     .events_a_second = 0,
                     .simulator = {"--prepare", "50000", "--no-snapshots"}},
                    {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_until_subscribed());
  broker.kill();
  scenario.set_rate(300'000);
  ASSERT_TRUE(eventually([&] { return scenario.accepted() >= events; }, 120s)) << scenario.accepted() << " accepted";
  scenario.set_rate(0);
  ASSERT_TRUE(eventually([&] { return scenario.lag("lake") >= events; }, 60s)) << scenario.lag("lake");
  const auto expect_little_memory = [&](const char* when) {
    const auto process = scenario.bridge().process().pid();
    const auto peak = memory_bytes(process, "VmHWM");
    const auto program = memory_bytes(process, "RssFile");
    std::cout << fmt::format("{}: at most {:.1f} MiB in memory, {:.1f} MiB of them the program and its libraries\n",
                             when, peak / mebibyte, program / mebibyte);
    EXPECT_GT(peak, program);
    EXPECT_LT(peak - program, allowed_memory_bytes) << when;
  };
  expect_little_memory("while the backlog grew");

  scenario.kill_bridge();
  const auto start = std::chrono::steady_clock::now();
  scenario.start_bridge();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("started with the backlog in {:.2f} s\n", seconds.count());
  EXPECT_LT(seconds, 2s);
  EXPECT_GE(scenario.lag("lake"), events);

  broker.start();
  scenario.expect_traffic("lake");
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill});
  expect_little_memory("when it was delivered");
}

/// Frozen, the broker keeps its connection and says nothing: the worst way to be dead.
TEST(Backlog, OfOneSinkDoesNotSlowTheOther) {
  MosquittoBroker mosquitto({.config = {"max_queued_messages 0"}, .persistence = true});
  KafkaWitness kafka(shared_kafka());
  MqttWitness mqtt(mosquitto);
  constexpr int events_a_second = 2000;
  Scenario scenario({.fault = "one sink dead for long (SIGSTOP), the other's latency",
                     .events_a_second = events_a_second,
                     .simulator = {"--no-snapshots"}},
                    {&kafka, &mqtt});
  scenario.start_bridge();
  const auto measured = [&](int deliveries) {
    const auto before = AcknowledgementTimes::of(scenario.bridge(), "lake");
    EXPECT_TRUE(eventually(
        [&] { return (AcknowledgementTimes::of(scenario.bridge(), "lake") - before).count() >= deliveries; }, 60s));
    return AcknowledgementTimes::of(scenario.bridge(), "lake") - before;
  };
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", events_a_second));
  const auto alive = measured(2 * events_a_second).quantile(0.99);
  mosquitto.freeze();
  // More than what memory keeps of the newest events: the dead sink's are on the disk alone.
  const auto dead = measured(8 * events_a_second).quantile(0.99);
  EXPECT_GE(scenario.lag("board"), 6 * events_a_second);
  mosquitto.thaw();
  scenario.expect_traffic("board");
  const auto catching_up = measured(events_a_second).quantile(0.99);
  std::cout << fmt::format(
      "99 % acknowledged by the live sink within {:.1f} ms before, {:.1f} ms meanwhile, {:.1f} ms "
      "while the other caught up\n",
      alive * 1000, dead * 1000, catching_up * 1000);
  // Generous, for machines that are busy with other tests: a sink that waited for the dead one would take seconds.
  const double bound = std::max(5 * alive, 0.25);
  EXPECT_LE(dead, bound);
  EXPECT_LE(catching_up, std::max(bound, 1.0)) << "both share the processor then";
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

}  // namespace
}  // namespace pbxbridge::test
