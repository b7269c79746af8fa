#include "sink/mqtt/paho/paho_trace.hpp"
#include "sink/mqtt/paho/paho_verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pbxbridge::sink {
namespace {

using Cause = PahoCause::Kind;
using Verdict = PahoVerdict::Kind;

/// The trace of Debian's libpaho-mqtt 1.3.12.
class PahoTraceTest : public testing::Test {
 protected:
  std::optional<PahoCause> read(const std::string& line) { return trace_.read("20261129 064712.123 " + line); }

  PahoTrace trace_;
};

TEST_F(PahoTraceTest, NamesTheAcknowledgementAndItsSocket) {
  EXPECT_EQ(read("7 board <- PUBACK msgid: 3"), (PahoCause{Cause::puback, false, 7}));
  EXPECT_EQ(read("7 board <- PUBREC msgid: 3"), (PahoCause{Cause::pubrec, false, 7}));
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:65535"), (PahoCause{Cause::pubcomp, false, 7}));
}

TEST_F(PahoTraceTest, RemembersPubrecUntilTheExchangeEnds) {
  read("7 board <- PUBREC msgid: 3");
  EXPECT_EQ(read("7 board <- PUBREC msgid: 3")->after_pubrec, true);
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:4")->after_pubrec, false) << "another message";
  EXPECT_EQ(read("8 other <- PUBCOMP msgid:3")->after_pubrec, false) << "another connection";
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:3")->after_pubrec, true);
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:3")->after_pubrec, false);
}

TEST_F(PahoTraceTest, ForgetsPubrecWhenTheIdentifierIsUsedAgain) {
  read("7 board <- PUBREC msgid: 3");
  EXPECT_EQ(read("7 board -> PUBLISH msgid: 3 qos: 2 retained: 0 rc 0 payload len(2): {}"), std::nullopt);
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:3")->after_pubrec, false);
  read("7 board <- PUBREC msgid: 4");
  read("7 board <- CONNACK rc: 0");
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:4")->after_pubrec, false) << "the socket's number is used again";
}

TEST_F(PahoTraceTest, IsNotMisledByWhatAMessageHolds) {
  EXPECT_EQ(read("7 board -> PUBLISH msgid: 5 qos: 1 retained: 0 rc 0 payload len(28):  <- PUBREC msgid: 5"),
            std::nullopt);
  EXPECT_EQ(read("7 board <- PUBLISH msgid: 5 qos: 1 retained: 0 payload len(28): 7 board <- PUBACK msgid: 5")->kind,
            Cause::other);
  EXPECT_EQ(read("7 board <- PUBCOMP msgid:5")->after_pubrec, false);
}

TEST_F(PahoTraceTest, LeavesTheCauseAsItIsForWhatIsSentInAnswer) {
  EXPECT_EQ(read("7 board -> PUBREL msgid: 3 (0)"), std::nullopt);
  EXPECT_EQ(read("7 board -> DISCONNECT (0)"), std::nullopt);
}

TEST_F(PahoTraceTest, KnowsASilentBroker) {
  EXPECT_EQ(read("PINGRESP not received in keepalive interval for client board on socket 7, disconnecting")->kind,
            Cause::silence);
  EXPECT_EQ(read("PINGREQ still outstanding for client board on socket 7, disconnecting")->kind, Cause::silence);
  EXPECT_EQ(read("7 board <- PINGRESP")->kind, Cause::other);
}

TEST_F(PahoTraceTest, TakesAnyLine) {
  for (const std::string& line : std::vector<std::string>{
           "", " ", "7", "7 board", "7 board <-", "7 board <- PUBACK", "7 board <- PUBACK msgid: x",
           "7 board <- PUBACK msgid: 65536", "x board <- PUBACK msgid: 3"}) {
    const auto cause = read(line);
    EXPECT_TRUE(!cause || cause->kind == Cause::other) << line;
  }
  EXPECT_EQ(trace_.read(""), std::nullopt);
}

struct Row {
  unsigned qos;
  PahoCause cause;
  Verdict verdict;
};

// The rules of mqtt::Publisher, for what the library reports.
TEST(PahoVerdict, CountsNothingAsDeliveredThatWasNotConfirmedForItsQos) {
  const Row rows[] = {
      {1, {Cause::puback, false}, Verdict::acknowledged}, {1, {Cause::puback, true}, Verdict::acknowledged},
      {1, {Cause::pubrec, false}, Verdict::fault},        {1, {Cause::pubrec, true}, Verdict::fault},
      {1, {Cause::pubcomp, false}, Verdict::fault},       {1, {Cause::pubcomp, true}, Verdict::not_arrived},
      {2, {Cause::puback, false}, Verdict::downgraded},   {2, {Cause::puback, true}, Verdict::fault},
      {2, {Cause::pubrec, false}, Verdict::acknowledged}, {2, {Cause::pubrec, true}, Verdict::fault},
      {2, {Cause::pubcomp, false}, Verdict::fault},       {2, {Cause::pubcomp, true}, Verdict::completed},
      {1, {Cause::other, false}, Verdict::fault},         {2, {Cause::other, false}, Verdict::fault},
      {1, {Cause::silence, false}, Verdict::fault},       {2, {Cause::silence, false}, Verdict::fault},
  };
  for (const auto& [qos, cause, verdict] : rows) {
    const PahoVerdict judged = judge(qos, cause);
    EXPECT_EQ(judged.kind, verdict) << qos << " " << static_cast<int>(cause.kind) << " " << cause.after_pubrec;
    EXPECT_EQ(judged.text.empty(), verdict != Verdict::fault);
  }
}

}  // namespace
}  // namespace pbxbridge::sink
