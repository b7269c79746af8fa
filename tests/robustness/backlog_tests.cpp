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
const MosquittoOptions is_fast{.config = {"max_queued_messages 0"}, .max_inflight_messages = 500, .persistence = true};

/// Reads a figure of a running process, such as the most that it ever had in memory (VmHWM).
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

/// Memory at the most: 64 MiB and the queues, of which the spool's is full (4 MiB) and Kafka's a small part. With the
/// pages of the program and its libraries.
constexpr double allowed_peak_bytes = (64 + 4 + 8) * mebibyte;
/// Memory once nothing happens any more, although the backlog waits.
constexpr double allowed_rest_bytes = 64 * mebibyte;

TEST(Backlog, TakesNoMemoryAndNoTimeToStart) {
  // A run of many kills is the long form of this one, too.
  const int events = robustness_runs(0) > 0 ? 1'000'000 : 200'000;
  KafkaBroker broker;
  MosquittoBroker mosquitto(is_fast);
  KafkaWitness kafka(broker.address());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = fmt::format("{} events spooled with dead brokers, kill -9, restart", events),
                     .events_a_second = 0,
                     .simulator = {"--prepare", "50000", "--no-snapshots"}},
                    {&kafka, &mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_until_subscribed());
  broker.kill();
  mosquitto.stop();
  scenario.set_rate(300'000);
  ASSERT_TRUE(eventually([&] { return scenario.accepted() >= events; }, 120s)) << scenario.accepted() << " accepted";
  scenario.set_rate(0);
  for (const char* sink : {"lake", "board"})
    ASSERT_TRUE(eventually([&] { return scenario.lag(sink) >= events; }, 60s)) << scenario.lag(sink);
  const auto expect_little_memory = [&](const char* when) {
    const auto process = scenario.bridge().process().pid();
    EXPECT_TRUE(eventually([&] { return memory_bytes(process, "VmRSS") < allowed_rest_bytes; }, 60s)) << when;
    const auto rest = memory_bytes(process, "VmRSS");
    const auto peak = memory_bytes(process, "VmHWM");
    std::cout << fmt::format(
        "{}: at most {:.1f} MiB in memory, {:.1f} MiB when it is quiet, of them {:.1f} MiB the "
        "program and its libraries\n",
        when, peak / mebibyte, rest / mebibyte, memory_bytes(process, "RssFile") / mebibyte);
    EXPECT_GT(rest, 10 * mebibyte);
    EXPECT_GE(peak, rest);
    EXPECT_LT(peak, allowed_peak_bytes) << when;
  };
  expect_little_memory("with the backlog");

  scenario.kill_bridge();
  const auto start = std::chrono::steady_clock::now();
  scenario.start_bridge();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("started with the backlog in {:.2f} s\n", seconds.count());
  EXPECT_LT(seconds, 2s);
  EXPECT_GE(scenario.lag("lake"), events);

  broker.start();
  mosquitto.start();
  scenario.expect_traffic("lake");
  scenario.expect_traffic("board");
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill});
  expect_little_memory("when all is delivered");
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
