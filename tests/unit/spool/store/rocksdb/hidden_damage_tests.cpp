// Logs as RocksDB writes them, made by hand, damaged in headers: what it would pass over without a word.

#include "damaged_copy.hpp"
#include "log_writer.hpp"
#include "spool/store/rocksdb/hidden_damage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

constexpr std::size_t size_at = 4;
constexpr std::size_t type_at = 6;

/// Records of one piece and of several, and where each piece begins.
struct LogOfPieces {
  LogOfPieces() {
    for (const std::size_t size : {300U, 40'000U, 90'000U, 500U, 10U}) writer.add(size);
    pieces = pieces_of_log(writer.log());
  }
  LogWriter writer;
  std::vector<std::size_t> pieces;
};

TEST(HiddenDamageTest, AWholeLogHidesNothing) {
  LogWriter writer;
  EXPECT_FALSE(hides_damage(""));
  EXPECT_FALSE(hides_damage(std::string(LogWriter::filled_ahead, '\0')));
  for (const std::size_t size : {0U, 1U, 500U, 40'000U, 32'000U, 700U, 200'000U}) {
    writer.add(size);
    EXPECT_FALSE(hides_damage(writer.log())) << "a record of " << size;
    EXPECT_FALSE(hides_damage(writer.cut(writer.size()))) << "a record of " << size;
  }
}

TEST(HiddenDamageTest, ARecordThatWasCutOffIsNoDamage) {
  const LogOfPieces log;
  for (std::size_t size = 1; size < log.writer.size(); size += 37) {
    EXPECT_FALSE(hides_damage(log.writer.cut(size))) << "zeros from byte " << size;
    EXPECT_FALSE(hides_damage(log.writer.log().substr(0, size))) << "cut at byte " << size;
  }
}

TEST(HiddenDamageTest, TheTypeOfARecycledLogIsDamageWhereverItStands) {
  const LogOfPieces log;
  for (const std::size_t piece : log.pieces)
    for (const char type : {5, 6, 7, 8}) {
      std::string damaged = log.writer.log();
      damaged[piece + type_at] = type;
      EXPECT_TRUE(hides_damage(damaged)) << "type " << int{type} << " at byte " << piece;
    }
}

TEST(HiddenDamageTest, AHeaderOfZerosIsDamageWhereAnIntactPieceFollowsInItsBlock) {
  const LogOfPieces log;
  for (std::size_t i = 0; i + 1 < log.pieces.size(); ++i) {
    std::string damaged = log.writer.log();
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(log.pieces[i]), log_header_size, '\0');
    const bool is_followed = log.pieces[i] / log_block_size == log.pieces[i + 1] / log_block_size;
    EXPECT_EQ(hides_damage(damaged), is_followed) << "at byte " << log.pieces[i];
  }
}

TEST(HiddenDamageTest, ASizeBeyondTheEndOfTheFileIsDamage) {
  const LogOfPieces log;
  for (const std::size_t piece : {log.pieces[log.pieces.size() - 2], log.pieces.back()}) {
    std::string damaged = log.writer.log();
    damaged[piece + size_at + 1] = '\x7f';
    EXPECT_TRUE(hides_damage(damaged)) << "at byte " << piece;
  }
}

}  // namespace
}  // namespace pbxbridge::spool
