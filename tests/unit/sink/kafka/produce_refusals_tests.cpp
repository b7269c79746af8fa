#include "sink/kafka/produce_refusals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::Eq;
using testing::HasSubstr;
using testing::Optional;

std::string line(const std::string& topic, const std::string& error) {
  return "[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: " + topic +
         " [3]: MessageSet with 40 message(s) (MsgId 1, BaseSeq 0) "
         "encountered error: " +
         error + " (actions Retry,MsgNotPersisted)";
}

TEST(RefusalInLog, IsExplained) {
  EXPECT_THAT(
      refusal_in_log("MSGSET", line("cdr", "Broker: Not enough in-sync replicas")),
      Optional(Eq("topic cdr: the partition has fewer replicas in sync than it demands (Broker: Not enough in-sync "
                  "replicas)")));
  EXPECT_THAT(refusal_in_log("MSGSET", line("pbx.cdr-v1_x", "Err-9999?")),
              Optional(Eq("topic pbx.cdr-v1_x: Err-9999?")));
  EXPECT_THAT(refusal_in_log("MSGSET", line("cdr", "Broker: Not leader for partition") + " [NOT LEADER]"),
              Optional(HasSubstr("the partition moved to another broker")));
}

TEST(RefusalInLog, IsNoOtherLine) {
  const std::string refusal = line("cdr", "Broker: Not enough in-sync replicas");
  EXPECT_FALSE(refusal_in_log("PRODUCE", refusal));
  EXPECT_FALSE(refusal_in_log("MSGSET", line("cdr", "Local: Retry operation"))) << "no broker's";
  EXPECT_FALSE(refusal_in_log("MSGSET", "cdr [3]: MessageSet with 40 message(s) (MsgId 1, BaseSeq 0) delivered"));
  for (std::size_t end = 0; end < refusal.rfind(" (actions"); ++end)
    EXPECT_FALSE(refusal_in_log("MSGSET", refusal.substr(0, end))) << end;
  EXPECT_FALSE(refusal_in_log("MSGSET", " []: MessageSet with  encountered error:  (actions "));
}

TEST(ProduceRefusals, TheLastIsToldUnlessItIsOlder) {
  const ProduceRefusals::Time begin{1h};
  ProduceRefusals refusals;
  EXPECT_FALSE(refusals.last_since(begin));
  refusals.note("MSGSET", line("cdr", "Broker: Disk error when trying to access log file on disk"), begin);
  refusals.note("MSGSET", line("queue", "Broker: Not enough in-sync replicas"), begin + 1s);
  refusals.note("MSGSET", "cdr [3]: MessageSet with 1 message(s) (MsgId 1, BaseSeq 0) delivered", begin + 2s);
  EXPECT_THAT(refusals.last_since(begin + 1s), Optional(HasSubstr("topic queue: ")));
  EXPECT_FALSE(refusals.last_since(begin + 2s));
}

}  // namespace
}  // namespace pbxbridge::sink
