#include "metrics/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::metrics {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, EachIsPresentWithZeroOnceItsPbxOrSinkIsConfigured) {
  Metrics metrics;
  (void)metrics.pbx("hq");
  (void)metrics.sink("lake");
  const std::string text = metrics.text();
  for (const char* line : {
           R"(pbxbridge_events_accepted_total{family="cdr",pbx="hq"} 0)",
           R"(pbxbridge_events_untidy_total{kind="repeated_key",pbx="hq"} 0)",
           R"(pbxbridge_events_unrouted_total{pbx="hq"} 0)",
           R"(pbxbridge_pbx_reconnects_total{pbx="hq"} 0)",
           R"(pbxbridge_pbx_subscriptions{pbx="hq",state="silent"} 0)",
           R"(pbxbridge_events_delivered_total{sink="lake"} 0)",
           R"(pbxbridge_events_retried_total{sink="lake"} 0)",
           R"(pbxbridge_events_rejected_total{sink="lake"} 0)",
           R"(pbxbridge_events_dropped_total{reason="spool_full",sink="lake"} 0)",
           R"(pbxbridge_sink_in_flight{sink="lake"} 0)",
           R"(pbxbridge_sink_lag_events{sink="lake"} 0)",
           R"(pbxbridge_sink_acknowledgement_seconds_count{sink="lake"} 0)",
       })
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr("pbxbridge_build_info{version=\""));
}

TEST(MetricsTest, AskingAgainGivesTheSame) {
  Metrics metrics;
  metrics.sink("lake").events_delivered.add();
  metrics.sink("lake").events_delivered.add();
  EXPECT_THAT(metrics.text(), HasSubstr(R"(pbxbridge_events_delivered_total{sink="lake"} 2)"));
}

TEST(MetricsTest, DescribesEachThatItServes) {
  Metrics metrics;
  (void)metrics.pbx("hq");
  (void)metrics.sink("lake");
  const auto descriptions = metrics.descriptions();
  const std::string text = metrics.text();
  std::size_t described_in_text = 0;
  for (auto position = text.find("# TYPE "); position != std::string::npos;
       position = text.find("# TYPE ", position + 1))
    ++described_in_text;
  EXPECT_EQ(descriptions.size(), described_in_text);
  for (const auto& [name, type, help, labels] : descriptions) {
    EXPECT_THAT(text, HasSubstr("# HELP " + name + ' ' + help + '\n'));
    EXPECT_THAT(text, HasSubstr("# TYPE " + name + ' ' + std::string(type) + '\n'));
    for (const auto& [label, values] : labels)
      for (const std::string& value : values) EXPECT_THAT(text, HasSubstr(label + "=\"" + value + '"'));
  }
}

}  // namespace
}  // namespace pbxbridge::metrics
