// An error of the system is no damage: no salvage begins, nothing is moved, the message says what it is, and later all
// is there. Files of a command that root runs belong to the owner of the spool.

#include "numbered_events.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/spool_lock.hpp"
#include "store_writer.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

constexpr uid_t service = 65534;
constexpr std::int64_t events = 60;

class DeniedBySystem : public testing::Test {
 protected:
  DeniedBySystem() {
    for (const std::uint64_t first : {0, 20, 40}) {
      StoreWriter writer(path());
      auto commit = writer.commit_of(first, 20);
      commit.letters.emplace_back("lake", DeadLetter{.event = commit.events.front(), .topic = "calls"});
      writer.write(std::move(commit));
    }
    if (::geteuid() == 0) give_to_service();
  }

  fs::path path() const { return directory_ / "spool"; }

  void give_to_service() const {
    fs::permissions(directory_.path(), fs::perms::all);
    chown_to_service(path());
    for (const auto& entry : fs::recursive_directory_iterator(path())) chown_to_service(entry.path());
  }
  static void chown_to_service(const fs::path& file) { ASSERT_EQ(::lchown(file.c_str(), service, service), 0); }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(path()))
      if (entry.is_regular_file()) found.push_back(entry.path());
    return found;
  }

  /// Opens it in a process that is not root's: its exit code is the cause, or `opened`.
  static constexpr int opened = 100;
  int open_as_service(rlim_t descriptors = 1024) const {
    test::Process process({fs::read_symlink("/proc/self/exe").string(), "--gtest_also_run_disabled_tests",
                           "--gtest_filter=DISABLED_OpenedByAService.Opens"},
                          {.environment = {{"SPOOL", path().string()}, {"DESCRIPTORS", std::to_string(descriptors)}},
                           .working_directory = {},
                           .network_namespace = {}});
    return process.wait().value_or(-1);
  }

  void expect_untouched() const {
    EXPECT_FALSE(fs::exists(path() / "quarantine"));
    EXPECT_FALSE(fs::exists(path() / "store.salvaged"));
  }
  void expect_everything() const {
    const auto store = open_store(path());
    EXPECT_TRUE(store->damages().empty());
    EXPECT_TRUE(store->salvaged().empty());
    EXPECT_EQ(numbers_of(read_all(*store).events), numbers(0, events));
    EXPECT_EQ(store->letters().counts()["lake"].letters, 3U);
  }

  const test::TemporaryDirectory directory_;
};

/// The other process. It cannot be a fork, which has none of RocksDB's threads.
TEST(DISABLED_OpenedByAService, Opens) {
  const char* const path = std::getenv("SPOOL");
  ASSERT_NE(path, nullptr);
  if (::geteuid() == 0) {
    ASSERT_EQ(::setgid(service), 0);
    ASSERT_EQ(::setuid(service), 0);
  }
  const rlim_t descriptors = std::strtoul(std::getenv("DESCRIPTORS"), nullptr, 10);
  const rlimit few{descriptors, descriptors};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto store = BatchStore::open(path, BatchStore::Access::write);
  if (!store) std::cerr << store.error().text << std::endl;
  ::_exit(store ? 100 : static_cast<int>(store.error().cause));
}

TEST_F(DeniedBySystem, AFileThatItMayNotReadIsNoDamage) {
  int rejected = 0;
  for (const auto& file : files()) {
    // The store makes some again when it is opened.
    if (!fs::exists(file)) continue;
    SCOPED_TRACE(file);
    fs::permissions(file, fs::perms::none);
    const int cause = open_as_service();
    // Some are never read, and then it opens.
    if (cause != opened) {
      EXPECT_EQ(cause, static_cast<int>(StorageCause::permission));
      ++rejected;
    }
    if (fs::exists(file)) fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    expect_untouched();
  }
  EXPECT_GE(rejected, 4);
  expect_everything();
}

TEST_F(DeniedBySystem, ADirectoryThatItMayNotEnterIsNoDamage) {
  for (const auto& directory : {path() / "store", path()}) {
    fs::permissions(directory, fs::perms::none);
    const int cause = open_as_service();
    fs::permissions(directory, fs::perms::owner_all);
    // It gives itself the rights to what it owns.
    EXPECT_TRUE(cause == opened || cause == static_cast<int>(StorageCause::permission)) << directory << cause;
    expect_untouched();
  }
  expect_everything();
}

TEST_F(DeniedBySystem, ALackOfDescriptorsIsNoDamage) {
  int rejected = 0;
  for (rlim_t limit = 4; limit < 64; ++limit) {
    SCOPED_TRACE(limit);
    const int cause = open_as_service(limit);
    expect_untouched();
    if (cause == opened) break;
    EXPECT_EQ(cause, static_cast<int>(StorageCause::descriptors));
    ++rejected;
  }
  EXPECT_GE(rejected, 3);
  expect_everything();
}

TEST_F(DeniedBySystem, ADamagedStoreIsSalvagedWhenItMayBeReadAgain) {
  fs::remove(path() / "store/CURRENT");
  fs::path table;
  for (const auto& file : files())
    if (file.extension() == ".sst") table = file;
  fs::permissions(table, fs::perms::none);
  EXPECT_EQ(open_as_service(), static_cast<int>(StorageCause::permission));
  expect_untouched();
  fs::permissions(table, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(open_as_service(), opened);
  EXPECT_TRUE(fs::exists(path() / "quarantine"));
  EXPECT_EQ(numbers_of(read_all(*open_store(path())).events), numbers(0, events));
}

TEST_F(DeniedBySystem, WhatRootMakesBelongsToTheOwnerOfTheSpool) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make files of others";
  const mode_t before = ::umask(077);
  {
    const auto lock = SpoolLock::take(path());
    ASSERT_TRUE(lock);
    StoreWriter writer(path());
    writer.append(60, 20'000, 100, 300);
    ASSERT_TRUE(writer->letters().drop("lake", ""));
  }
  fs::remove(path() / "store/CURRENT");
  { StoreWriter salvaged(path()); }
  ::umask(before);
  for (const auto& entry : fs::recursive_directory_iterator(path())) {
    struct stat status {};
    ASSERT_EQ(::lstat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, service) << entry.path();
    EXPECT_EQ(status.st_gid, service) << entry.path();
  }
  EXPECT_EQ(open_as_service(), opened);
}

}  // namespace
}  // namespace pbxbridge::spool
