// kill -9 at random moments: what is derived from events agrees with them.

#include "derivation_run.hpp"
#include "open_spool.hpp"
#include "process.hpp"
#include "temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <signal.h>
#include <string>
#include <thread>
#include <utility>

namespace pbxbridge::test {
namespace {

class KilledDerivations : public testing::Test {
 protected:
  void write_and_kill(std::chrono::milliseconds after) {
    Process writer({PBXBRIDGE_DERIVATION_WRITER, config_.path.string(), std::to_string(next_)});
    ASSERT_TRUE(writer.wait_for_output("writing")) << writer.transcript();
    std::this_thread::sleep_for(after);
    writer.send_signal(SIGKILL);
    ASSERT_EQ(writer.wait(), 128 + SIGKILL) << writer.transcript();
  }

  /// Reads what the writer has left behind, and acknowledges it.
  void check_agreement() {
    spool::OpenSpool spool(config_);
    const auto lake = spool->open_cursor("lake", spool::Start::earliest);
    spool->start();
    std::map<std::string, std::string> stored;
    for (const auto& [key, row] : spool->take_tables()) stored.emplace(key, row);
    for (const auto& event : spool.read_up_to(lake, 10'000'000)) {
      if (event->family() == Family::state)
        check_derived(*event);
      else
        note_cause(*event);
    }
    EXPECT_TRUE(latest_.empty()) << "from a cause nothing follows, up to event " << next_;
    EXPECT_EQ(stored, rows_) << "up to event " << next_;
    spool.acknowledge_all(lake);
    spool.flush();
    EXPECT_FALSE(spool.log_has("spool.damaged"));
  }

  void note_cause(const Event& cause) {
    EXPECT_EQ(spool::number_of(cause), static_cast<std::int64_t>(next_)) << "a cause is missing";
    if (next_ % 5 > 0) latest_[row_key_of(next_)] = {next_, cause.id()};
    ++next_;
  }
  void check_derived(const Event& derived) {
    const std::string key(derived.entity());
    ASSERT_TRUE(latest_.contains(key)) << derived.payload();
    const auto [number, id] = latest_.extract(key).mapped();
    EXPECT_EQ(derived.payload(),
              fmt::format(R"({{"event_type":"state_queue","number":{},"event_id":"{}"}})", number, id));
    rows_.erase(key);
    if (const auto row = row_of(number)) rows_.emplace(key, *row);
    ++derived_;
  }

  const TemporaryDirectory directory_;
  const config::SpoolConfig config_ = spool_of_derivations(directory_ / "spool");
  std::uint64_t next_ = 0;
  std::map<std::string, std::pair<std::uint64_t, std::string>> latest_;  // causes from which something is to follow
  std::map<std::string, std::string> rows_;
  std::uint64_t derived_ = 0;
};

TEST_F(KilledDerivations, AgreeWithTheirEvents) {
  std::mt19937 random(20);
  std::uniform_int_distribution<int> milliseconds(0, 120);
  int with_events = 0;
  for (int kill = 0; kill < 40; ++kill) {
    const auto before = next_;
    ASSERT_NO_FATAL_FAILURE(write_and_kill(std::chrono::milliseconds(milliseconds(random))));
    check_agreement();
    if (HasFailure()) FAIL() << "after kill " << kill;
    if (next_ != before) ++with_events;
  }
  EXPECT_GT(with_events, 10) << "the kills came before anything was written";
  EXPECT_LT(derived_, next_ / 2) << "it is derived from many together";
}

}  // namespace
}  // namespace pbxbridge::test
