// Logs as RocksDB writes them, made by hand, and cut off within a record: where they are to be read up to.

#include "log_writer.hpp"
#include "spool/store/rocksdb/log_tail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pbxbridge::spool {
namespace {

TEST(LogTailTest, AWholeLogIsReadToItsEnd) {
  LogWriter writer;
  EXPECT_EQ(readable_size(""), 0U);
  EXPECT_EQ(readable_size(std::string(LogWriter::filled_ahead, '\0')), LogWriter::filled_ahead);
  for (const std::size_t size : {0U, 1U, 500U, 40'000U, 32'000U, 700U, 200'000U}) {
    writer.add(size);
    EXPECT_EQ(readable_size(writer.log()), writer.size()) << "a record of " << size;
    EXPECT_EQ(readable_size(writer.cut(writer.size())), writer.size() + LogWriter::filled_ahead)
        << "a record of " << size;
  }
}

TEST(LogTailTest, ARecordOfOnePieceIsLeftOutWhereverItWasCutOff) {
  LogWriter writer;
  writer.add(300);
  const std::size_t start = writer.add(200);
  for (std::size_t size = start + 1; size < writer.size(); ++size)
    EXPECT_EQ(readable_size(writer.cut(size)), start) << size - start << " bytes of it were written";
  EXPECT_EQ(readable_size(writer.cut(start)), writer.size() + LogWriter::filled_ahead) << "nothing of it";
}

TEST(LogTailTest, ARecordOfManyPiecesIsLeftOutAsAWhole) {
  LogWriter writer;
  writer.add(20'000);
  const std::size_t start = writer.add(150'000);
  for (std::size_t size = start + 1; size < writer.size(); size += 97)
    EXPECT_EQ(readable_size(writer.cut(size)), start) << size - start << " bytes of it were written";
  for (std::size_t block = log_block_size; block < writer.size(); block += log_block_size)
    for (std::size_t size = block - 9; size <= block + 9; ++size)
      EXPECT_EQ(readable_size(writer.cut(size)), start) << "cut at byte " << size;
}

TEST(LogTailTest, ARecordThatBeginsAtTheEndOfABlockIsLeftOutFromThereOn) {
  for (const std::size_t left : {0U, 6U, 7U, 8U}) {
    LogWriter writer;
    writer.add(log_block_size - log_header_size - left);
    const std::size_t start = writer.add(500);
    for (std::size_t size = start + 1; size < writer.size(); ++size)
      EXPECT_EQ(readable_size(writer.cut(size)), start) << left << " bytes left in the block, cut at byte " << size;
  }
}

TEST(LogTailTest, ARecordThatTheEndOfTheFileCutsOffIsLeftToRocksDbOrLeftOut) {
  LogWriter writer;
  writer.add(300);
  const std::size_t start = writer.add(60'000);
  for (std::size_t size = start + 1; size < writer.size(); size += 501) {
    const std::size_t readable = readable_size(writer.log().substr(0, size));
    EXPECT_TRUE(readable == start || readable == size) << size;
  }
}

TEST(LogTailTest, WhatIsFollowedByMoreThanZerosIsDamageAndIsLeftToRocksDb) {
  LogWriter writer;
  const std::size_t start = writer.add(1000);
  const std::size_t end = writer.size();
  writer.add(60'000);
  writer.add(500);
  const std::string whole = writer.cut(writer.size());
  for (std::size_t position = start; position < end; position += 3) {
    std::string damaged = whole;
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(position),
              damaged.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    EXPECT_EQ(readable_size(damaged), damaged.size()) << "zeros from byte " << position;
  }
}

TEST(LogTailTest, AFlippedBitIsNoRecordThatWasCutOff) {
  LogWriter writer;
  writer.add(300);
  writer.add(40'000);
  const std::size_t last = writer.add(100);
  const std::string whole = writer.cut(writer.size());
  for (std::size_t position = 0; position < writer.size(); position += position < last ? 13 : 1)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[position] = static_cast<char>(damaged[position] ^ (1 << bit));
      EXPECT_EQ(readable_size(damaged), damaged.size()) << "byte " << position << " bit " << bit;
    }
}

}  // namespace
}  // namespace pbxbridge::spool
