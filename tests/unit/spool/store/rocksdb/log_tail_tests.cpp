// Logs as RocksDB writes them, made by hand, and cut off within a record: where they are to be read up to.

#include "spool/log/byte_codec.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/store/rocksdb/log_tail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pbxbridge::spool {
namespace {

constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;
constexpr std::size_t filled_ahead = 100'000;

/// A log with records of bytes that are not zero.
class LogWriter {
 public:
  /// Returns where it begins.
  std::size_t add(std::size_t size) {
    fill_block_before_header();
    const std::size_t start = log_.size();
    for (bool is_first = true; is_first || size > 0; is_first = false) {
      fill_block_before_header();
      const std::size_t fitting = std::min(size, block_size - log_.size() % block_size - header_size);
      add_piece(fitting, is_first, fitting == size);
      size -= fitting;
    }
    return start;
  }
  const std::string& log() const { return log_; }
  std::size_t size() const { return log_.size(); }

  /// As it would be had only the first `size` bytes reached the disk.
  std::string cut(std::size_t size) const {
    return log_.substr(0, size) + std::string(log_.size() - size + filled_ahead, '\0');
  }

 private:
  void fill_block_before_header() {
    const std::size_t left = block_size - log_.size() % block_size;
    if (left < header_size) log_.append(left, '\0');
  }
  void add_piece(std::size_t size, bool is_first, bool is_last) {
    const char type = is_first ? (is_last ? 1 : 2) : (is_last ? 4 : 3);
    const std::string data = type + std::string(size, 'x');
    const std::uint32_t crc = crc32c(data);
    put(log_, ((crc >> 15) | (crc << 17)) + 0xa282ead8U);
    put(log_, static_cast<std::uint16_t>(size));
    log_.append(data);
  }

  std::string log_;
};

TEST(LogTailTest, AWholeLogIsReadToItsEnd) {
  LogWriter writer;
  EXPECT_EQ(readable_size(""), 0U);
  EXPECT_EQ(readable_size(std::string(filled_ahead, '\0')), filled_ahead);
  for (const std::size_t size : {0U, 1U, 500U, 40'000U, 32'000U, 700U, 200'000U}) {
    writer.add(size);
    EXPECT_EQ(readable_size(writer.log()), writer.size()) << "a record of " << size;
    EXPECT_EQ(readable_size(writer.cut(writer.size())), writer.size() + filled_ahead) << "a record of " << size;
  }
}

TEST(LogTailTest, ARecordOfOnePieceIsLeftOutWhereverItWasCutOff) {
  LogWriter writer;
  writer.add(300);
  const std::size_t start = writer.add(200);
  for (std::size_t size = start + 1; size < writer.size(); ++size)
    EXPECT_EQ(readable_size(writer.cut(size)), start) << size - start << " bytes of it were written";
  EXPECT_EQ(readable_size(writer.cut(start)), writer.size() + filled_ahead) << "nothing of it";
}

TEST(LogTailTest, ARecordOfManyPiecesIsLeftOutAsAWhole) {
  LogWriter writer;
  writer.add(20'000);
  const std::size_t start = writer.add(150'000);
  for (std::size_t size = start + 1; size < writer.size(); size += 97)
    EXPECT_EQ(readable_size(writer.cut(size)), start) << size - start << " bytes of it were written";
  for (std::size_t block = block_size; block < writer.size(); block += block_size)
    for (std::size_t size = block - 9; size <= block + 9; ++size)
      EXPECT_EQ(readable_size(writer.cut(size)), start) << "cut at byte " << size;
}

TEST(LogTailTest, ARecordThatBeginsAtTheEndOfABlockIsLeftOutFromThereOn) {
  for (const std::size_t left : {0U, 6U, 7U, 8U}) {
    LogWriter writer;
    writer.add(block_size - header_size - left);
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
