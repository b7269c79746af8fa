// The judge must find what is wrong, or all that it passes is worth nothing.

#include "judge.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace pbxbridge::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Ten events, pushed to client 1 (five) and client 2 (five), of keys a and b in turn, all delivered.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    for (std::uint64_t i = 1; i <= 10; ++i) {
      const auto payload = fmt::format("payload {}", i);
      ledger_.pushes.push_back({i <= 5 ? 1U : 2U, i, 0, "cdr_events", payload_hash(payload)});
      arrivals_.deliveries.push_back(
          {i % 2 == 0 ? "b" : "a", fmt::format("id-{:02}", i), fmt::format("{:02}", i), payload_hash(payload)});
    }
    ledger_.standing = {2};
  }

  void redeliver(std::size_t number) {
    arrivals_.deliveries.push_back(delivery(number));
    arrivals_.deliveries.back().redelivered = true;
  }
  /// Counted from 1, as the payloads are.
  Delivery& delivery(std::size_t number) { return arrivals_.deliveries[number - 1]; }
  void remove(std::size_t number) {
    arrivals_.deliveries.erase(arrivals_.deliveries.begin() + static_cast<std::ptrdiff_t>(number) - 1);
  }
  Verdict verdict(const Allowance& allowance = {}) const { return judge(ledger_, {arrivals_}, allowance).at(0); }

  SentLedger ledger_;
  Arrivals arrivals_{.sink = "lake", .deliveries = {}};
};

TEST_F(JudgeTest, FindsNothingWhereAllCameInOrder) {
  EXPECT_TRUE(verdict().clean()) << verdict();
  EXPECT_EQ(verdict().delivered, 10U);
  EXPECT_EQ(verdict().never_accepted, 0U);
}

TEST_F(JudgeTest, FindsAHoleInAConnectionThatEnded) {
  remove(3);
  EXPECT_THAT(verdict().lost, ElementsAre(HasSubstr("push 3 to client 1 (cdr_events)")));
  EXPECT_THAT(verdict().unknown, IsEmpty());
  EXPECT_FALSE(verdict().clean());
}

TEST_F(JudgeTest, LetsTheEndOfAConnectionThatEndedBeMissing) {
  remove(5);
  remove(4);
  EXPECT_TRUE(verdict().clean()) << verdict();
  EXPECT_EQ(verdict().never_accepted, 2U);
}

TEST_F(JudgeTest, WantsEverythingOfAConnectionThatStands) {
  remove(10);
  EXPECT_THAT(verdict().lost, ElementsAre(HasSubstr("push 10 to client 2")));
}

TEST_F(JudgeTest, TakesADeliveryByOneSinkAsAProofOfAcceptanceForAll) {
  Arrivals other{.sink = "board", .deliveries = arrivals_.deliveries};
  remove(5);
  const auto verdicts = judge(ledger_, {arrivals_, other});
  EXPECT_THAT(verdicts[0].lost, ElementsAre(HasSubstr("push 5 to client 1")));
  EXPECT_TRUE(verdicts[1].clean()) << verdicts[1];
}

TEST_F(JudgeTest, FindsASwapWithinAKeyOnly) {
  std::swap(delivery(1), delivery(2));
  EXPECT_TRUE(verdict().clean()) << "different keys have no order: " << verdict();
  std::swap(delivery(7), delivery(9));
  EXPECT_THAT(verdict().out_of_order, ElementsAre(HasSubstr("id-07"), HasSubstr("id-07")))
      << "not in its place, and the last though not the newest";
}

TEST_F(JudgeTest, FindsAKeyWhoseLastWordIsOutOfDate) {
  redeliver(6);
  const auto found = verdict({.duplicates = 1});
  EXPECT_THAT(found.out_of_order, ElementsAre(HasSubstr("id-06")));
  EXPECT_EQ(found.duplicates, 1U);
}

TEST_F(JudgeTest, TakesAReplayThatEndsWithTheNewestAsDuplicates) {
  for (const std::size_t i : {7U, 8U, 9U, 10U}) redeliver(i);
  EXPECT_TRUE(verdict({.duplicates = 4}).clean()) << verdict();
  EXPECT_EQ(verdict().duplicates, 4U);
  EXPECT_THAT(verdict({.duplicates = 3}).too_many_duplicates, SizeIs(1));
}

TEST_F(JudgeTest, FindsARepetitionWithoutAMark) {
  arrivals_.deliveries.push_back(delivery(10));
  EXPECT_THAT(verdict({.duplicates = 1}).unmarked, ElementsAre(HasSubstr("id-10")));
  EXPECT_FALSE(verdict({.duplicates = 1}).clean());
}

TEST_F(JudgeTest, TakesWhatABrokerRepeatsByItselfAsADuplicate) {
  arrivals_.consumer_at_least_once = true;
  arrivals_.deliveries.push_back(delivery(10));
  EXPECT_TRUE(verdict({.duplicates = 1}).clean()) << verdict();
}

TEST_F(JudgeTest, CountsWhatAKilledProcessMaySendLate) {
  arrivals_.deliveries.push_back(delivery(6));
  const Allowance allowance{.duplicates = 1, .late_requests = 1};
  EXPECT_TRUE(verdict(allowance).clean()) << verdict(allowance);
  EXPECT_EQ(verdict(allowance).late, 1U);
  EXPECT_THAT(verdict({.duplicates = 1}).unmarked, SizeIs(1));
  redeliver(6);
  EXPECT_FALSE(verdict({.duplicates = 2, .late_requests = 1}).clean()) << "that is no late one";
}

TEST_F(JudgeTest, FindsAnAlien) {
  arrivals_.deliveries.push_back({"a", "id-99", "99", payload_hash("alien")});
  EXPECT_THAT(verdict().unknown, ElementsAre(HasSubstr("id-99")));
}

TEST_F(JudgeTest, FindsAChangedByte) {
  delivery(4).hash = payload_hash("payloae 4");
  EXPECT_THAT(verdict().unknown, ElementsAre(HasSubstr("id-04")));
  EXPECT_THAT(verdict().lost, ElementsAre(HasSubstr("push 4"))) << "push 5 was accepted after it";
}

TEST_F(JudgeTest, FindsAnIdThatStandsForTwoPayloads) {
  redeliver(10);
  arrivals_.deliveries.back().hash = payload_hash("payload 9");
  EXPECT_THAT(verdict({.duplicates = 1}).unknown, ElementsAre(HasSubstr("id-10")));
}

TEST_F(JudgeTest, FindsAnEventThatWasAcceptedTwice) {
  arrivals_.deliveries.push_back(delivery(10));
  arrivals_.deliveries.back().id = "id-11";
  arrivals_.deliveries.back().sequence = "11";
  EXPECT_THAT(verdict().unknown, ElementsAre(HasSubstr("id-11")));
}

TEST_F(JudgeTest, CountsEachPushOfTheSameBytes) {
  for (const std::size_t i : {6U, 8U}) ledger_.pushes[i - 1].hash = delivery(i).hash = payload_hash("again");
  EXPECT_TRUE(verdict().clean()) << verdict();
  remove(8);
  EXPECT_THAT(verdict().lost, ElementsAre(HasSubstr("push 8")));
}

TEST_F(JudgeTest, DoesWithoutWhatTheSinkRejected) {
  const auto hash = delivery(7).hash;
  remove(7);
  const Allowance allowance{.rejected = [&](const Push& push) { return push.hash == hash; }};
  EXPECT_TRUE(verdict(allowance).clean());
  EXPECT_EQ(verdict(allowance).rejected, 1U);
}

TEST_F(JudgeTest, CountsWhatMayComeOutOfOrder) {
  std::swap(delivery(5), delivery(7));
  EXPECT_FALSE(verdict().clean());
  EXPECT_TRUE(verdict({.reordered = true}).clean());
  EXPECT_EQ(verdict({.reordered = true}).reordered, 1U);
}

TEST_F(JudgeTest, SaysWhatItFoundInLines) {
  remove(3);
  std::ostringstream text;
  text << verdict();
  EXPECT_EQ(text.str(),
            "lake: 10 pushed, 9 delivered, 0 rejected, 0 never accepted, 0 duplicates\n"
            "  1 lost\n"
            "    push 3 to client 1 (cdr_events) was accepted, and did not come\n");
}

TEST(SentLedgerTest, IsReadWithoutTheLineThatIsBeingWritten) {
  const TemporaryDirectory directory;
  std::ofstream(directory / "ledger")
      << R"({"client":1,"time_us":5,"what":"connected"})"
         "\n"
      << R"({"client":1,"time_us":7,"sequence":1,"topic":"cdr_events","bytes":3,"xxh128":"06b05ab6733a618578af5f94892f3950"})"
         "\n"
      << R"({"client":1,"time_us":8,"what":"gone: dropped"})"
         "\n"
      << R"({"client":2,"time_us":9,"what":"connected"})"
         "\n"
      << R"({"client":2,"time)";
  const auto ledger = read_ledger(directory / "ledger");
  ASSERT_THAT(ledger.pushes, SizeIs(1));
  EXPECT_EQ(ledger.pushes[0].sequence, 1U);
  EXPECT_EQ(ledger.pushes[0].time_us, 7);
  EXPECT_EQ(ledger.pushes[0].hash, payload_hash("abc"));
  EXPECT_THAT(ledger.standing, ElementsAre(2U));
  EXPECT_THROW(read_ledger(directory / "none"), std::runtime_error);
}

}  // namespace
}  // namespace pbxbridge::test
