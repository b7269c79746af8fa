#include "spool/store/spool_lock.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace pbxbridge::spool {
namespace {

using testing::HasSubstr;

/// A child that has taken the lock and holds it until it is killed.
class Holder {
 public:
  explicit Holder(const std::filesystem::path& directory) {
    int ready[2];
    if (pipe(ready) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const auto lock = SpoolLock::take(directory);
      const char answer = lock ? 'y' : 'n';
      (void)!write(ready[1], &answer, 1);
      while (true) pause();
    }
    char answer = 0;
    taken_ = read(ready[0], &answer, 1) == 1 && answer == 'y';
    close(ready[0]);
    close(ready[1]);
  }
  ~Holder() { kill(); }

  void kill() {
    const pid_t pid = std::exchange(pid_, -1);
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  pid_t pid() const { return pid_; }
  bool has_taken() const { return taken_; }

 private:
  pid_t pid_ = -1;
  bool taken_ = false;
};

TEST(SpoolLockTest, MakesTheDirectoryForItsOwnerAlone) {
  const test::TemporaryDirectory directory;
  const auto lock = SpoolLock::take(directory / "a/b");
  ASSERT_TRUE(lock) << lock.error().text;
  const auto permissions = std::filesystem::status(directory / "a/b").permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_all);
}

TEST(SpoolLockTest, OneProcessCannotHoldItTwice) {
  const test::TemporaryDirectory directory;
  const auto lock = SpoolLock::take(directory.path());
  ASSERT_TRUE(lock);
  const auto second = SpoolLock::take(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().category, ErrorCategory::storage);
}

TEST(SpoolLockTest, TheSecondIsToldWhoHoldsItAndWhere) {
  const test::TemporaryDirectory directory;
  const Holder holder(directory.path());
  ASSERT_TRUE(holder.has_taken());
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto second = SpoolLock::take(directory.path());
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().text, HasSubstr(directory.path().string()));
    EXPECT_THAT(second.error().text, HasSubstr("process " + std::to_string(holder.pid()) + " on "));
  }
}

TEST(SpoolLockTest, TheKernelLetsGoOfItWhenItsHolderIsKilled) {
  const test::TemporaryDirectory directory;
  Holder holder(directory.path());
  ASSERT_TRUE(holder.has_taken());
  holder.kill();
  EXPECT_FALSE(SpoolLock::is_held(directory.path()));
  const auto lock = SpoolLock::take(directory.path());
  EXPECT_TRUE(lock) << lock.error().text;
}

TEST(SpoolLockTest, IsLetGoOfWithItsObject) {
  const test::TemporaryDirectory directory;
  {
    const auto lock = SpoolLock::take(directory.path());
    ASSERT_TRUE(lock);
    EXPECT_TRUE(SpoolLock::is_held(directory.path()));
  }
  EXPECT_FALSE(SpoolLock::is_held(directory.path()));
  EXPECT_TRUE(SpoolLock::take(directory.path()));
}

TEST(SpoolLockTest, MovesWithItsObject) {
  const test::TemporaryDirectory directory;
  auto first = SpoolLock::take(directory.path());
  ASSERT_TRUE(first);
  const SpoolLock second(std::move(first.value()));
  { const SpoolLock gone(std::move(first.value())); }
  EXPECT_TRUE(SpoolLock::is_held(directory.path()));
}

TEST(SpoolLockTest, ToAskWhetherItIsHeldTakesAndMakesNothing) {
  const test::TemporaryDirectory directory;
  EXPECT_FALSE(SpoolLock::is_held(directory.path()));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  const Holder holder(directory.path());
  EXPECT_TRUE(SpoolLock::is_held(directory.path()));
  EXPECT_TRUE(SpoolLock::is_held(directory.path()));
}

TEST(SpoolLockTest, WhatAnEarlierHolderLeftInTheFileMeansNothing) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "lock") << "process 1 on a-host-with-a-very-long-name-that-is-not-there-any-more";
  const auto lock = SpoolLock::take(directory.path());
  ASSERT_TRUE(lock);
  const auto second = SpoolLock::take(directory.path());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("process " + std::to_string(getpid()) + " on "));
  EXPECT_THAT(second.error().text, testing::Not(HasSubstr("not-there")));
}

TEST(SpoolLockTest, APlaceThatCannotBeADirectoryIsNamed) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "file") << "";
  const auto lock = SpoolLock::take(directory / "file/spool");
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().text, HasSubstr((directory / "file/spool").string()));
}

}  // namespace
}  // namespace pbxbridge::spool
