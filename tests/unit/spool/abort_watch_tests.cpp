#include "numbered_events.hpp"
#include "spool/abort_watch.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pbxbridge::spool {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class AbortWatchTest : public testing::Test {
 protected:
  /// What becomes of a process that ends like this while it opens a store.
  void end_while_opening(void (*how)()) {
    const pid_t child = fork();
    if (child == 0) {
      const rlimit no_core{0, 0};
      setrlimit(RLIMIT_CORE, &no_core);
      const AbortWatch watch(directory_.path());
      how();
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
  }
  std::size_t aborts() const { return AbortWatch(directory_.path()).aborts(); }
  std::size_t events() {
    const auto store = open_store(directory_.path());
    damages_ = store->damages();
    return read_all(*store).events.size();
  }

  const test::TemporaryDirectory directory_;
  std::vector<Damage> damages_;
};

TEST_F(AbortWatchTest, CountsAbortsAndNothingElse) {
  EXPECT_EQ(aborts(), 0U);
  end_while_opening([] { std::abort(); });
  end_while_opening([] { ::kill(getpid(), SIGKILL); });
  end_while_opening([] { std::abort(); });
  EXPECT_EQ(aborts(), 2U);
  AbortWatch(directory_.path()).all_is_well();
  EXPECT_EQ(aborts(), 0U);
}

TEST_F(AbortWatchTest, OneAbortCostsNothing) {
  { StoreWriter(directory_.path()).append(0, 100); }
  end_while_opening([] { std::abort(); });
  EXPECT_EQ(events(), 100U);
  EXPECT_EQ(aborts(), 0U);
}

TEST_F(AbortWatchTest, AStoreThatAbortsAgainIsSetAsideAndTold) {
  { StoreWriter(directory_.path()).append(0, 100); }
  for (std::size_t i = 0; i < AbortWatch::too_many; ++i) end_while_opening([] { std::abort(); });
  EXPECT_EQ(events(), 0U);
  ASSERT_EQ(damages_.size(), 1U);
  EXPECT_THAT(damages_.front().reason, HasSubstr("a copy as it was is in "));
  EXPECT_FALSE(std::filesystem::is_empty(directory_ / "quarantine"));
  EXPECT_EQ(aborts(), 0U);
  { StoreWriter(directory_.path()).append(0, 7); }
  EXPECT_EQ(events(), 7U);
}

}  // namespace
}  // namespace pbxbridge::spool
