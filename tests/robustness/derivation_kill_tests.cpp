// kill -9 at random moments: what is derived from events agrees with them.

#include "derivation_run.hpp"
#include "open_spool.hpp"
#include "process.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <signal.h>
#include <string>
#include <thread>

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
    Rows stored;
    for (const auto& [key, row] : spool->take_tables()) stored.emplace(key, row);
    const auto events = spool.read_up_to(lake, 10'000'000);
    for (std::size_t place = 0; place < events.size();) place = check_derivation(events, place);
    EXPECT_EQ(stored, rows_) << "up to event " << next_;
    spool.acknowledge_all(lake);
    spool.flush();
    EXPECT_FALSE(spool.log_has("spool.damaged"));
  }

  /// Returns the place after it.
  std::size_t check_derivation(const std::vector<EventPtr>& events, std::size_t place) {
    const Event& cause = *events[place];
    EXPECT_EQ(spool::number_of(cause), static_cast<std::int64_t>(next_)) << "a cause is missing";
    const auto derivation = derivation_of(next_);
    EXPECT_LE(place + 1 + derivation.events.size(), events.size()) << "parted from its cause";
    for (std::size_t made = 0; made < derivation.events.size() && ++place < events.size(); ++made) {
      EXPECT_EQ(events[place]->entity(), std::to_string(next_));
      EXPECT_EQ(events[place]->sequence().value, cause.sequence().value + made + 1);
      EXPECT_NE(events[place]->payload().find(cause.id()), std::string_view::npos) << events[place]->payload();
    }
    apply(derivation, rows_);
    ++next_;
    return place + 1;
  }

  const TemporaryDirectory directory_;
  const config::SpoolConfig config_ = spool_of_derivations(directory_ / "spool");
  std::uint64_t next_ = 0;
  Rows rows_;
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
}

}  // namespace
}  // namespace pbxbridge::test
