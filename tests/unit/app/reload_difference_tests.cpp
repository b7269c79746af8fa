#include "app/reload_difference.hpp"
#include "pbxbridge/config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* started =
    "pbx:\n"
    "  - { name: hq, url: 'ws://h/wsi', auth: { username: a, password: one }, subscribe: [{ topic: cdr_events }] }\n"
    "sinks:\n"
    "  lake: { type: kafka, brokers: ['k:9092'] }\n"
    "routes: [{ match: {}, to: { sink: lake, topic: t } }]\n"
    "admin: { listen: '127.0.0.1:1' }\n"
    "shutdown_timeout: 5s\n";

std::vector<std::string> difference(const std::string& from, const std::string& to) {
  std::string wanted = started;
  const auto position = wanted.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  wanted.replace(position, from.size(), to);
  config::Report report;
  const auto before = config::parse_document(started, report);
  const auto after = config::parse_document(wanted, report);
  EXPECT_FALSE(report.has_errors());
  return not_applied_by_reload(*before, *after);
}

TEST(ReloadDifference, NamesWhatNeedsARestart) {
  EXPECT_THAT(difference("k:9092", "k:9093"), ElementsAre("sinks.lake.brokers"));
  EXPECT_THAT(difference("password: one", "password: two"), ElementsAre("pbx[0].auth"));
  EXPECT_THAT(difference("127.0.0.1:1", "127.0.0.1:2"), ElementsAre("admin.listen"));
  EXPECT_THAT(difference("shutdown_timeout", "spool: { type: memory, max_size: 1GiB }\nshutdown_timeout"),
              ElementsAre("spool.max_size", "spool.type"));
}

TEST(ReloadDifference, LeavesOutWhatIsApplied) {
  EXPECT_THAT(difference("topic: t", "topic: u"), IsEmpty());
  EXPECT_THAT(difference("cdr_events", "queue_events"), IsEmpty());
  EXPECT_THAT(difference("5s", "6s"), IsEmpty());
}

TEST(ReloadDifference, CaresForNeitherOrderNorPlace) {
  EXPECT_THAT(difference("type: kafka, brokers: ['k:9092']", "\n    brokers: [ \"k:9092\" ],\n    type: kafka"),
              IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::app
