// A spool whose files are damaged while pbxbridge is down: it starts, delivers what can be read and nothing else, and
// says what is missing.

#include "kafka_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int events_in_each_half = 1500;

std::vector<fs::path> files_of(const fs::path& spool) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(spool)) {
    const auto name = entry.path().filename().string();
    // Data are all files but the database's own log, its lock, and room set aside.
    const bool is_data =
        name != "LOG" && !name.starts_with("LOG.") && name != "LOCK" && name != "lock" && name != "ballast";
    if (entry.is_regular_file() && is_data && entry.file_size() > 0) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// Files only: a socket that a killed process left is none of the data.
void copy_spool(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const auto target = to / entry.path().lexically_relative(from);
    if (entry.is_directory()) fs::create_directories(target);
    if (entry.is_regular_file()) fs::copy_file(entry.path(), target);
  }
}

fs::path newest_log(const fs::path& spool) {
  fs::path newest;
  for (const auto& file : files_of(spool))
    if (file.extension() == ".log") newest = file;
  return newest;
}

void flip_bit(const fs::path& path, std::uint64_t offset, unsigned bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(file.get() ^ (1 << bit));
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(byte);
}

/// A spool of two halves, one in a table and one in the log of the database, kept as it is for many damages.
class DamagedSpool : public testing::Test {
 protected:
  struct Outcome {
    Verdict verdict;
    std::uint64_t missing = 0;
    bool announced = false;
  };

  void prepare(const std::string& fault) {
    scenario_.emplace(ScenarioOptions{.fault = fault, .events_a_second = 3000}, std::vector<Witness*>{&waiting_});
    for (int half = 1; half <= 2; ++half) {
      scenario_->start_bridge();
      ASSERT_TRUE(eventually([&] { return scenario_->lag("lake") >= half * events_in_each_half; }, 60s))
          << scenario_->bridge().process().transcript();
      if (half == 1) scenario_->kill_bridge();
    }
    scenario_->set_rate(0);
    ASSERT_TRUE(eventually([&] { return scenario_->lag("lake") == pushed() - never_committed(); }, 60s));
    accepted_ = static_cast<std::uint64_t>(scenario_->lag("lake"));
    scenario_->pbx().command("refuse-connections on");
    scenario_->kill_bridge();
    copy_spool(scenario_->spool_directory(), pristine());
  }

  const fs::path pristine() const { return scenario_->directory() / "pristine"; }

  /// Restores the spool, lets `damage` at it, and delivers what is left of it to a fresh topic.
  template <class Damage>
  Outcome after(Damage damage) {
    fs::remove_all(scenario_->spool_directory());
    copy_spool(pristine(), scenario_->spool_directory());
    const std::string what = damage(scenario_->spool_directory());
    SCOPED_TRACE(what);
    KafkaWitness kafka(shared_kafka());
    scenario_->use({&kafka});
    scenario_->start_bridge();
    auto& bridge = scenario_->bridge();
    EXPECT_TRUE(eventually([&] { return scenario_->lag("lake") == 0; }, 60s)) << bridge.process().transcript();
    Outcome outcome{judge(scenario_->ledger(), {kafka.arrivals()}).at(0), 0, false};
    outcome.missing = accepted_ - std::min<std::uint64_t>(accepted_, outcome.verdict.delivered);
    for (const auto& line : bridge.process().error_lines())
      if (line.find("spool.damaged") != line.npos || line.find("spool.gap") != line.npos) outcome.announced = true;
    std::cout << what << ": " << outcome.missing << " of " << accepted_ << " missing"
              << (outcome.announced ? ", announced" : "") << '\n';
    EXPECT_TRUE(outcome.verdict.unknown.empty() && outcome.verdict.out_of_order.empty())
        << outcome.verdict << bridge.process().transcript();
    if (outcome.missing > 0 && !outcome.announced) unannounced_ += outcome.missing;
    all_missing_ += outcome.missing;
    scenario_->kill_bridge();
    return outcome;
  }

  /// The whole way from the PBX, on the spool that was damaged last.
  void expect_traffic(int runs) {
    KafkaWitness kafka(shared_kafka());
    scenario_->use({&kafka});
    scenario_->start_bridge();
    scenario_->pbx().command("refuse-connections off");
    scenario_->expect_recovery();
    std::cout << all_missing_ << " events missing in all runs\n";
    scenario_->write_row(runs, unannounced_, 0);
  }

  std::uint64_t all_missing_ = 0;
  std::uint64_t unannounced_ = 0;
  std::optional<Scenario> scenario_;

 private:
  double pushed() const { return static_cast<double>(scenario_->ledger().pushes.size()); }
  /// Events that the first process took with it.
  double never_committed() {
    const auto ledger = scenario_->ledger();
    const auto of_the_first = std::ranges::count(ledger.pushes, 1U, &Push::client);
    return static_cast<double>(of_the_first) - (scenario_->lag("lake") - scenario_->accepted());
  }

  KafkaWitness waiting_{shared_kafka(), KafkaWitness::Topic::later};
  std::uint64_t accepted_ = 0;
};

TEST_F(DamagedSpool, IsWholeWithoutDamage) {
  prepare("spool at rest, restarted");
  const auto outcome = after([](const fs::path&) { return "nothing"; });
  EXPECT_EQ(outcome.missing, 0U);
  EXPECT_FALSE(outcome.announced);
  EXPECT_TRUE(outcome.verdict.clean()) << outcome.verdict;
  expect_traffic(1);
}

TEST_F(DamagedSpool, AFlippedBitIsFoundAndSaid) {
  prepare("one bit flipped, anywhere");
  auto random = seeded_random();
  const int runs = robustness_runs(10);
  for (int run = 0; run < runs; ++run) {
    const auto outcome = after([&](const fs::path& spool) {
      const auto files = files_of(spool);
      const auto& file = files[random() % files.size()];
      const auto offset = random() % fs::file_size(file);
      const auto bit = random() % 8;
      flip_bit(file, offset, static_cast<unsigned>(bit));
      return "bit " + std::to_string(bit) + " of byte " + std::to_string(offset) + " of " +
             file.lexically_relative(spool).string() + " (" + std::to_string(fs::file_size(file)) + " bytes)";
    });
    EXPECT_TRUE(outcome.missing == 0 || outcome.announced) << scenario_->bridge().process().transcript();
  }
  expect_traffic(runs);
}

/// The spool's own notes (cursors, segments, epochs) stand in a small table: without them the events are still there.
TEST_F(DamagedSpool, AFlippedBitInItsNotesCostsNoEvent) {
  prepare("one bit flipped in the spool's own table");
  constexpr std::uint64_t runs = 8;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const auto outcome = after([&](const fs::path& spool) {
      auto files = files_of(spool);
      std::erase_if(files, [](const fs::path& file) { return file.extension() != ".sst"; });
      const auto& file = *std::ranges::min_element(files, {}, [](const fs::path& path) { return fs::file_size(path); });
      const auto offset = run * fs::file_size(file) / runs;
      flip_bit(file, offset, 0);
      return "byte " + std::to_string(offset) + " of " + file.lexically_relative(spool).string();
    });
    EXPECT_EQ(outcome.missing, 0U) << scenario_->bridge().process().transcript();
  }
  expect_traffic(static_cast<int>(runs));
}

TEST_F(DamagedSpool, AMissingFileIsFoundAndSaid) {
  prepare("one file missing, each in turn");
  int runs = 0;
  for (const auto& file : files_of(pristine())) {
    const auto outcome = after([&](const fs::path& spool) {
      const auto name = file.lexically_relative(pristine());
      fs::remove(spool / name);
      return "without " + name.string();
    });
    EXPECT_TRUE(outcome.missing == 0 || outcome.announced) << scenario_->bridge().process().transcript();
    ++runs;
  }
  expect_traffic(runs);
}

/// The end of the log is what a crash tears; nothing before it goes with it.
TEST_F(DamagedSpool, ATornTailTakesNothingThatCameBefore) {
  prepare("torn tail of the log");
  auto random = seeded_random();
  const int runs = std::max(4, robustness_runs(4) / 10);
  for (int run = 0; run < runs; ++run) {
    const auto outcome = after([&](const fs::path& spool) {
      const auto log = newest_log(spool);
      const auto bytes = 1 + random() % (fs::file_size(log) / 2);
      fs::resize_file(log, fs::file_size(log) - bytes);
      return std::to_string(bytes) + " bytes cut off " + log.filename().string();
    });
    EXPECT_TRUE(outcome.verdict.lost.empty()) << outcome.verdict;
    EXPECT_LT(outcome.missing, 2U * events_in_each_half);
  }
  const auto outcome = after([&](const fs::path& spool) {
    std::ofstream(newest_log(spool), std::ios::app | std::ios::binary) << std::string(300, '\x5a');
    return "300 bytes of something after the log";
  });
  EXPECT_EQ(outcome.missing, 0U) << scenario_->bridge().process().transcript();
  unannounced_ = 0;  // the end of a log that a crash tore was never acknowledged by the disk
  expect_traffic(runs + 1);
}

}  // namespace
}  // namespace pbxbridge::test
