// A process or a machine that ends while it writes to the log: the rest of the record is missing, and zeros that were
// written ahead stand in its place.

#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "spool/store/batch_store.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TornLogTest : public testing::Test {
 protected:
  /// The spool of a process that still runs, whose last commit is one event with so large a payload.
  void write(std::size_t payload_size) {
    writer_.emplace(directory_ / "spool");
    writer_->append(0, kept, 10);
    before_ = written();
    writer_->append(kept, 1, 1, payload_size);
    after_ = written();
    ASSERT_GT(after_, before_ + payload_size);
    ASSERT_GT(fs::file_size(newest_log(directory_ / "spool/store")), after_) << "there are zeros after it";
  }
  std::size_t written() const { return read_file(newest_log(directory_ / "spool/store")).find_last_not_of('\0') + 1; }
  static fs::path newest_log(const fs::path& store) {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(store))
      if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
    return newest;
  }

  /// The spool as it would be had the log been written up to there.
  void tear(std::size_t size) {
    fs::remove_all(path());
    copy_spool(directory_ / "spool", path());
    const fs::path log = newest_log(path() / "store");
    std::string bytes = read_file(log);
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end(), '\0');
    std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;
  }
  fs::path path() const { return directory_ / "torn"; }

  void expect_only_the_last_is_lost(BatchStore::Access access) {
    const auto store = BatchStore::open(path(), access);
    ASSERT_TRUE(store) << store.error().text;
    const auto all = read_all(**store);
    EXPECT_EQ(numbers_of(all.events), numbers(0, kept));
    EXPECT_TRUE(all.damages.empty());
    EXPECT_TRUE((*store)->damages().empty());
    EXPECT_FALSE(fs::exists(path() / "quarantine"));
  }
  /// Read while no process uses it, opened, and opened again.
  void expect_torn(std::size_t size) {
    SCOPED_TRACE(fmt::format("bytes {} to {} hold the last record, up to {} they were written", before_, after_, size));
    tear(size);
    expect_only_the_last_is_lost(BatchStore::Access::read_only);
    expect_only_the_last_is_lost(BatchStore::Access::write);
    expect_only_the_last_is_lost(BatchStore::Access::write);
  }

  static constexpr std::int64_t kept = 50;
  const test::TemporaryDirectory directory_;
  std::optional<StoreWriter> writer_;
  std::size_t before_ = 0;  // the last record of the log begins here
  std::size_t after_ = 0;
};

TEST_F(TornLogTest, ARecordThatWasWrittenInPartIsLostAlone) {
  write(1000);
  for (std::size_t size = 1; size <= header_size + 1; ++size) expect_torn(before_ + size);
  expect_torn(before_ + (after_ - before_) / 2);
  expect_torn(after_ - 1);
}

TEST_F(TornLogTest, ARecordOfManyPiecesThatWasWrittenInPartIsLostAlone) {
  write(150'000);
  expect_torn(before_ + 1);
  expect_torn(before_ + (after_ - before_) / 2);
  expect_torn(after_ - 1);
  const std::size_t block = (before_ / block_size + 2) * block_size;
  for (const std::size_t size : {block - 1, block, block + 1, block + 6, block + header_size, block + 8})
    expect_torn(size);
}

/// A machine that ends once more leaves it, when the new log is there and the old one still counts.
TEST_F(TornLogTest, AnEmptyLogBehindItChangesNothing) {
  write(1000);
  for (const std::size_t size : {0U, 70'000U}) {
    tear(before_ + 500);
    std::ofstream(path() / "store/999999.log", std::ios::binary) << std::string(size, '\0');
    expect_only_the_last_is_lost(BatchStore::Access::write);
  }
}

TEST_F(TornLogTest, WhatIsFollowedByAnotherRecordIsDamage) {
  write(1000);
  tear(after_);
  const fs::path log = newest_log(path() / "store");
  std::string bytes = read_file(log);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(before_) - 100, 50, '\0');
  std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;
  const auto store = open_store(path());
  EXPECT_FALSE(store->damages().empty());
  EXPECT_TRUE(fs::exists(path() / "quarantine"));
}

TEST_F(TornLogTest, AWholeLogLosesNothing) {
  write(150'000);
  tear(after_);
  EXPECT_EQ(numbers_of(read_all(*open_store(path())).events), numbers(0, kept + 1));
}

}  // namespace
}  // namespace pbxbridge::spool
