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

TEST(MetricsTest, SubscriptionsThatAreGoneLeaveNothingBehind) {
  using pbx::SubscriptionState;
  Metrics metrics;
  const auto set = [&](std::vector<pbx::SubscriptionStatus> subscriptions) {
    metrics.set_subscriptions("hq", subscriptions);
    return metrics.text();
  };
  metrics.set_subscriptions("branch", std::vector<pbx::SubscriptionStatus>{{.topic = "cdr_events"}});
  std::string text = set({{.topic = "queue_events", .state = SubscriptionState::rejected},
                          {.topic = "cdr_events", .state = SubscriptionState::granted},
                          {.topic = "cdr_events", .state = SubscriptionState::granted}});
  EXPECT_THAT(text, HasSubstr(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="rejected",topic="queue_events"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="granted",topic="queue_events"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="granted",topic="cdr_events"} 2)"));
  text = set({{.topic = "cdr_events", .state = SubscriptionState::silent}});
  EXPECT_THAT(text, testing::Not(HasSubstr("topic=\"queue_events\"")));
  EXPECT_THAT(text, HasSubstr(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="granted",topic="cdr_events"} 0)"));
  EXPECT_THAT(text,
              HasSubstr(R"(pbxbridge_pbx_subscription_state{pbx="branch",state="pending",topic="cdr_events"} 1)"));
}

TEST(MetricsTest, RoutesBeginAgainWithAReload) {
  Metrics metrics;
  metrics.set_route_events(1, "lake", 5);
  metrics.set_route_events(2, "lake", 0);
  metrics.set_route_events(1, "lake", 7);
  EXPECT_THAT(metrics.text(), HasSubstr(R"(pbxbridge_route_events_total{route="1",sink="lake"} 7)"));
  metrics.forget_routes();
  metrics.set_route_events(1, "lake", 1);
  EXPECT_THAT(metrics.text(), HasSubstr(R"(pbxbridge_route_events_total{route="1",sink="lake"} 1)"));
  EXPECT_THAT(metrics.text(), testing::Not(HasSubstr("route=\"2\"")));
}

TEST(MetricsTest, ShowsTheHashInForceAndNoOther) {
  Metrics metrics;
  metrics.set_configuration_hash("0123");
  metrics.set_configuration_hash("4567");
  EXPECT_THAT(metrics.text(), HasSubstr("pbxbridge_config_info{hash=\"4567\"} 1"));
  EXPECT_THAT(metrics.text(), testing::Not(HasSubstr("0123")));
}

}  // namespace
}  // namespace pbxbridge::metrics
