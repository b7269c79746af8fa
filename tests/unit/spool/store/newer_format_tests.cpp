// A spool that a newer pbxbridge has written is rejected in one sentence, and none of its bytes change.

#include "damaged_copy.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/record.hpp"
#include "spool/store/format_check.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/spool_lock.hpp"
#include "spool/store/store_keys.hpp"
#include "store_writer.hpp"
#include "support/directory_contents.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

const fs::path committed_spool = fs::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/data/spool-format-99";

class NewerFormat : public testing::Test {
 protected:
  static void put_format(const fs::path& spool) {
    const auto database = open_database(spool);
    ASSERT_TRUE(database);
    ASSERT_TRUE(
        database->rocksdb->Put(rocksdb::WriteOptions(), database->meta(), store_key::format, store_key::number(99))
            .ok());
  }
  static void put_part(const fs::path& spool) {
    auto database = open_database(spool);
    ASSERT_TRUE(database);
    rocksdb::ColumnFamilyHandle* family = nullptr;
    ASSERT_TRUE(database->rocksdb->CreateColumnFamily({}, "index_of_tomorrow", &family).ok());
    database->families.push_back(family);
  }
  static void note_format(const fs::path& spool) {
    std::ofstream epochs(spool / "epochs", std::ios::app);
    for (const std::string line : {"format 00000063 by 9.0.0", "a line of tomorrow"})
      epochs << fmt::format("{} crc {:08x}\n", line, crc32c(line));
  }
  void write_some() const { StoreWriter(spool_).append(0, 100); }

  /// Returns the error.
  std::string expect_rejected() const {
    const auto before = test::contents_of(spool_);
    const auto lock = SpoolLock::take(spool_);
    EXPECT_FALSE(lock);
    if (lock) return {};
    EXPECT_FALSE(BatchStore::open(spool_, BatchStore::Access::read_only));
    EXPECT_EQ(test::contents_of(spool_), before);
    return lock.error().text;
  }

  const test::TemporaryDirectory directory_;
  const fs::path spool_ = directory_ / "spool";
};

TEST_F(NewerFormat, IsRejectedWithBothVersionsAndWhatToDo) {
  make_copy(committed_spool, spool_);
  const std::string text = fmt::format(
      "the spool in {} was written by pbxbridge 9.0.0 in format 99, and this is pbxbridge {}, which knows formats up "
      "to "
      "2: it leaves the spool untouched; run pbxbridge 9.0.0 or newer on it, or set another spool.path",
      spool_.string(), PBXBRIDGE_VERSION);
  EXPECT_EQ(expect_rejected(), text);
  const auto read = BatchStore::open(spool_, BatchStore::Access::read_only);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text, text);
}

/// Keeps the spool in the directory that PBXBRIDGE_KEEP_NEWER_SPOOL names, to be committed.
TEST_F(NewerFormat, IsKnownAsItIsMadeUpHere) {
  write_some();
  put_format(spool_);
  put_part(spool_);
  note_format(spool_);
  if (const char* kept = std::getenv("PBXBRIDGE_KEEP_NEWER_SPOOL")) make_copy(spool_, kept);
  expect_rejected();
}

TEST_F(NewerFormat, IsKnownByTheStoreAlone) {
  write_some();
  put_format(spool_);
  EXPECT_THAT(expect_rejected(), HasSubstr("was written by a newer pbxbridge in format 99"));
  fs::remove(spool_ / "epochs");
  EXPECT_THAT(expect_rejected(), HasSubstr("in format 99"));
}

TEST_F(NewerFormat, IsKnownByAPartAlone) {
  write_some();
  put_part(spool_);
  EXPECT_THAT(expect_rejected(), HasSubstr("with a part 'index_of_tomorrow' that is not known here"));
}

TEST_F(NewerFormat, IsKnownOutsideAStoreThatNobodyCanRead) {
  make_copy(committed_spool, spool_);
  for (const auto& file : files_of(spool_ / "store")) write_file(spool_ / "store" / file, "a table of tomorrow");
  EXPECT_THAT(expect_rejected(), HasSubstr("pbxbridge 9.0.0 in format 99"));
  fs::remove_all(spool_ / "store");
  EXPECT_THAT(expect_rejected(), HasSubstr("pbxbridge 9.0.0 in format 99"));
}

/// It would be salvaged, and nothing is left of what a salvage does not know.
TEST_F(NewerFormat, IsKnownInEachDamagedStore) {
  make_copy(committed_spool, spool_);
  for (const auto& file : files_of(spool_ / "store")) {
    make_copy(committed_spool, spool_);
    fs::remove(spool_ / "epochs");
    fs::remove(spool_ / "store" / file);
    const bool may_hold_the_format = file.extension() == ".sst" || file.extension() == ".log";
    if (!may_hold_the_format) {
      EXPECT_THAT(expect_rejected(), HasSubstr("in format 99")) << file;
    }
    make_copy(committed_spool, spool_);
    fs::remove(spool_ / "store" / file);
    EXPECT_THAT(expect_rejected(), HasSubstr("in format 99")) << file;
  }
}

TEST_F(NewerFormat, IsNotedByEachStart) {
  write_some();
  EXPECT_TRUE(check_format(spool_));
  EXPECT_THAT(read_file(spool_ / "epochs"),
              HasSubstr(fmt::format("format {:08x} by {} crc", format_version, PBXBRIDGE_VERSION)));
}

}  // namespace
}  // namespace pbxbridge::spool
