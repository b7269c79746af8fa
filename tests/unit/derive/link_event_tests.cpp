#include "derive/link_event.hpp"
#include "event/payload_fields.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::derive {
namespace {

using pbx::SessionState;
using pbx::SessionStatus;
using enum pbx::SubscriptionState;

constexpr SystemTime at{std::chrono::seconds{1'764'000'000}};

SessionStatus status(SessionState state, std::initializer_list<pbx::SubscriptionState> subscriptions = {}) {
  SessionStatus status{.state = state, .since = at, .connection_epoch = 3, .last_failure = {}, .subscriptions = {}};
  for (const auto each : subscriptions)
    status.subscriptions.push_back({.topic = "cdr_events", .selector = {}, .state = each, .words = {}});
  return status;
}

TEST(Link, StreamsOnceEachSubscriptionHasItsAnswer) {
  EXPECT_EQ(link_of(status(SessionState::subscribed, {granted, rejected, silent})).state, LinkState::streaming);
  EXPECT_EQ(link_of(status(SessionState::subscribed, {silent})).state, LinkState::streaming)
      << "it may push all the same";
  EXPECT_EQ(link_of(status(SessionState::authenticated, {granted, pending})).state, LinkState::lost);
  EXPECT_EQ(link_of(status(SessionState::disconnected)).state, LinkState::lost);
  EXPECT_EQ(link_of(status(SessionState::stopped)).state, LinkState::lost);
}

TEST(Link, IsRefusedWithTheAccountOrWithEachSubscription) {
  EXPECT_EQ(link_of(status(SessionState::subscribed, {rejected, rejected})).state, LinkState::refused);
  SessionStatus rejected_account = status(SessionState::disconnected);
  rejected_account.account_rejected = true;
  EXPECT_EQ(link_of(rejected_account).state, LinkState::refused);
}

TEST(Link, IsTheSameWhereOnlyItsReasonIsAnother) {
  SessionStatus lost = status(SessionState::disconnected);
  const Link first = link_of(lost);
  lost.last_failure = observe::Failure{at, "connection refused"};
  lost.connection_epoch = 4;
  lost.since = at + std::chrono::seconds(1);
  EXPECT_TRUE(link_of(lost).is_same_as(first));
  EXPECT_FALSE(link_of(status(SessionState::subscribed, {granted})).is_same_as(first));
}

TEST(Link, IsAnotherInAnotherConnectionAndWithOtherSubscriptions) {
  SessionStatus now = status(SessionState::subscribed, {granted});
  const Link first = link_of(now);
  EXPECT_TRUE(link_of(now).is_same_as(first));
  now.connection_epoch = 4;
  EXPECT_FALSE(link_of(now).is_same_as(first)) << "events were missed between";
  EXPECT_FALSE(link_of(status(SessionState::subscribed, {granted, rejected})).is_same_as(first));
}

TEST(LinkEvent, HoldsOneFlatDocumentAboutItsPbx) {
  SessionStatus lost = status(SessionState::disconnected);
  lost.last_failure = observe::Failure{at, "it does not answer"};
  const auto event = link_event("hq", link_of(lost), at);
  EXPECT_EQ(event->family(), Family::bridge);
  EXPECT_EQ(event->event_type(), "bridge_link");
  EXPECT_EQ(event->pbx(), "hq");
  EXPECT_EQ(event->entity(), "hq");
  EXPECT_EQ(event->entity_kind(), EntityKind::pbx);
  EXPECT_EQ(event->connection_epoch(), 3U);
  EXPECT_EQ(
      event->payload(),
      R"({"event_type":"bridge_link","pbx":"hq","state":"lost","since":"2025-11-24T16:00:00.000Z","epoch":3,)"
      R"("subscriptions_granted":0,"subscriptions_refused":0,"subscriptions_silent":0,"reason":"it does not answer"})");
}

TEST(LinkEvent, HasTheFieldsThatTemplatesMayName) {
  SessionStatus refused = status(SessionState::subscribed, {rejected});
  refused.last_failure = observe::Failure{at, "no right"};
  const auto document = nlohmann::json::parse(link_event("hq", link_of(refused), at)->payload());
  std::vector<std::string> names;
  for (const auto& [name, value] : document.items()) names.push_back(name);
  EXPECT_THAT(event::payload_fields("bridge_link"), testing::UnorderedElementsAreArray(names));
}

}  // namespace
}  // namespace pbxbridge::derive
