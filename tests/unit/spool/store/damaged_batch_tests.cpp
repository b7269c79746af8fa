// Damage that RocksDB's own checksums let through: found by the checksum of each record.

#include "batch_bytes.hpp"
#include "numbered_events.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

class DamagedBatchTest : public testing::Test {
 protected:
  static constexpr std::int64_t batches = 6;
  static constexpr std::int64_t batch_events = 10;

  void SetUp() override {
    for (std::uint64_t life = 0; life < 2; ++life) {
      StoreWriter writer(directory_.path());
      writer.append(life * 30, 30, batch_events);
      for (std::uint64_t i = 0; i < 30; ++i)
        sequences_.push_back(Sequence{Sequence::first_of(writer->start_epoch()).value + i});
    }
  }

  /// Changes the bytes of one batch, the checksums of the store's own files being right.
  void damage(std::int64_t batch, const std::function<void(std::string&)>& change) {
    auto database = open_database(directory_.path());
    ASSERT_TRUE(database);
    const std::string key = encode_key(sequences_[static_cast<std::size_t>(batch * batch_events)]);
    std::string value;
    ASSERT_TRUE(database->rocksdb->Get(rocksdb::ReadOptions(), database->batches(), key, &value).ok());
    std::string buffer;
    value = unpack_batch(value, buffer);
    change(value);
    ASSERT_TRUE(database->rocksdb->Put(rocksdb::WriteOptions(), database->batches(), key, value).ok());
  }

  /// Reads in chunks of one batch and of all, and expects all but these, each told within bounds that hold nothing
  /// readable.
  void expect_missing(const std::set<std::int64_t>& missing) {
    const auto store = open_store(directory_.path(), BatchStore::Access::read_only);
    for (const std::size_t chunk_bytes : {std::size_t{1}, std::size_t{1} << 20}) {
      const auto all = read_all(*store, {}, chunk_bytes);
      std::set<std::int64_t> found;
      for (const auto& event : all.events) found.insert(number_of(*event));
      for (std::int64_t number = 0; number < batches * batch_events; ++number) {
        EXPECT_NE(found.contains(number), missing.contains(number)) << number;
        std::size_t told = 0;
        for (const Damage& damage : all.damages)
          told += damage.after < sequences_[static_cast<std::size_t>(number)] &&
                  (damage.before.value == 0 || sequences_[static_cast<std::size_t>(number)] < damage.before);
        EXPECT_EQ(told, missing.contains(number) ? 1U : 0U) << number << " in chunks of " << chunk_bytes;
      }
    }
  }

  const test::TemporaryDirectory directory_;
  std::vector<Sequence> sequences_;
};

TEST_F(DamagedBatchTest, NothingIsMissingFromWholeOnes) { expect_missing({}); }

TEST_F(DamagedBatchTest, ARecordInTheMiddleOfABatch) {
  damage(1, [](std::string& value) { break_record(value, 4); });
  expect_missing({14});
}

TEST_F(DamagedBatchTest, TheFirstRecordOfABatch) {
  damage(1, [](std::string& value) { break_record(value, 0); });
  expect_missing({10});
}

TEST_F(DamagedBatchTest, TheLastRecordOfABatch) {
  damage(1, [](std::string& value) { break_record(value, 9); });
  expect_missing({19});
}

TEST_F(DamagedBatchTest, TheFirstRecordOfTheSpool) {
  damage(0, [](std::string& value) { break_record(value, 0); });
  expect_missing({0});
}

TEST_F(DamagedBatchTest, TheLastRecordOfALife) {
  damage(2, [](std::string& value) { break_record(value, 9); });
  expect_missing({29});
}

TEST_F(DamagedBatchTest, TheLastRecordOfAll) {
  damage(5, [](std::string& value) { break_record(value, 9); });
  expect_missing({59});
}

TEST_F(DamagedBatchTest, SeveralRecordsOfABatch) {
  damage(4, [](std::string& value) {
    for (const int record : {2, 3, 7, 9}) break_record(value, record);
  });
  expect_missing({42, 43, 47, 49});
}

TEST_F(DamagedBatchTest, ABatchWithNothingThatCanBeRead) {
  damage(3, [](std::string& value) { value.assign(value.size(), '\xff'); });
  expect_missing({30, 31, 32, 33, 34, 35, 36, 37, 38, 39});
}

TEST_F(DamagedBatchTest, ABatchThatIsCutShort) {
  for (const std::int64_t batch : {1, 2}) {
    damage(batch, [](std::string& value) { value.resize(record_at(value, 7) + 3); });
  }
  expect_missing({17, 18, 19, 27, 28, 29});
}

TEST_F(DamagedBatchTest, TheVeryLastBatchCutShort) {
  damage(5, [](std::string& value) { value.resize(record_at(value, 7) + 3); });
  expect_missing({57, 58, 59});
}

TEST_F(DamagedBatchTest, ASizeThatLies) {
  damage(1, [](std::string& value) { value[record_at(value, 3) + 1] = '\x7f'; });
  expect_missing({13, 14, 15, 16, 17, 18, 19});
}

TEST_F(DamagedBatchTest, AnEmptyBatch) {
  damage(0, [](std::string& value) { value.clear(); });
  expect_missing({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

}  // namespace
}  // namespace pbxbridge::spool
