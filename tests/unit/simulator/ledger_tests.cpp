#include "simulator/server/ledger.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace pbxbridge::sim {
namespace {

std::vector<nlohmann::json> lines_of(const std::filesystem::path& file) {
  std::vector<nlohmann::json> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(LedgerTest, EachLineIsInTheFileAtOnce) {
  const test::TemporaryDirectory directory;
  const auto file = directory / "ledger";
  Ledger ledger(file);
  ledger.happened(3, "auth ok \"bridge\"@example.test");
  ASSERT_EQ(lines_of(file).size(), 1U);
  EXPECT_EQ(lines_of(file)[0].at("what"), "auth ok \"bridge\"@example.test");
  EXPECT_EQ(ledger.next_sequence(), 1U);
  ledger.pushed(3, "abc", find_topic("cdr_events", Dialect::v22));
  ledger.pushed(4, std::string_view("\0\xff", 2), nullptr);
  const auto lines = lines_of(file);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].at("client"), 3);
  EXPECT_EQ(lines[1].at("sequence"), 1);
  EXPECT_EQ(lines[1].at("topic"), "cdr_events");
  EXPECT_EQ(lines[1].at("bytes"), 3);
  EXPECT_EQ(lines[1].at("xxh128"), "06b05ab6733a618578af5f94892f3950");
  EXPECT_GT(lines[1].at("time_us"), 1'700'000'000'000'000);
  EXPECT_EQ(lines[2].at("sequence"), 2);
  EXPECT_EQ(lines[2].at("topic"), "");
  EXPECT_EQ(ledger.next_sequence(), 3U);
}

TEST(LedgerTest, ALineThatCannotBeWrittenIsAnError) {
  EXPECT_THROW(Ledger("/nowhere/ledger"), std::system_error);
  Ledger full("/dev/full");
  EXPECT_THROW(full.happened(1, "connected"), std::system_error);
}

TEST(LedgerTest, ANumberMakesTwoAlikeEventsDiffer) {
  EXPECT_EQ(with_number(R"({"event_type":"call_start"})", 12), R"({"event_type":"call_start","event_number":12})");
}

}  // namespace
}  // namespace pbxbridge::sim
