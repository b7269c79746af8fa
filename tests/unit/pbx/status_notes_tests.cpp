#include "pbx/status_notes.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

using namespace std::chrono_literals;

TEST(StatusNotes, AnOutageBeganWhenTheConnectionWasLostHoweverManyAttemptsFail) {
  const SystemTime start{1h};
  StatusNotes notes(start);
  EXPECT_EQ(notes.status().state, SessionState::disconnected);
  EXPECT_EQ(notes.status().since, start);
  notes.set_authenticated(true, 1, start + 1s);
  notes.set_subscribed(true, start + 2s);
  EXPECT_EQ(notes.status().state, SessionState::subscribed);
  EXPECT_EQ(notes.status().connection_epoch, 1U);
  notes.set_authenticated(false, 1, start + 10s);
  notes.set_subscribed(false, start + 10s);
  notes.set_authenticated(false, 2, start + 20s);
  notes.set_subscribed(false, start + 20s);
  EXPECT_EQ(notes.status().state, SessionState::disconnected);
  EXPECT_EQ(notes.status().since, start + 10s);
}

TEST(StatusNotes, ASubscriptionThatStaysInItsStateKeepsItsTime) {
  StatusNotes notes(SystemTime{});
  notes.set_subscriptions({{.topic = "cdr_events"}, {.topic = "queue_events", .selector = "1 queue"}}, SystemTime{1s});
  notes.set_subscriptions({{.topic = "cdr_events", .state = SubscriptionState::granted},
                           {.topic = "queue_events", .selector = "1 queue"},
                           {.topic = "queue_events", .selector = "2 queues"}},
                          SystemTime{5s});
  const auto& subscriptions = notes.status().subscriptions;
  ASSERT_EQ(subscriptions.size(), 3U);
  EXPECT_EQ(subscriptions[0].since, SystemTime{5s});
  EXPECT_EQ(subscriptions[1].since, SystemTime{1s});
  EXPECT_EQ(subscriptions[2].since, SystemTime{5s});
}

TEST(StatusNotes, TheWordsOfThePbxAreFitToBeShown) {
  StatusNotes notes(SystemTime{});
  notes.set_subscriptions({{.topic = "t", .state = SubscriptionState::rejected, .words = "no\x1b[2J\npermission"}}, {});
  EXPECT_EQ(notes.status().subscriptions[0].words.find_first_of("\x1b\n"), std::string::npos);
}

TEST(StatusNotes, OnlyAFailureIsAFailure) {
  StatusNotes notes(SystemTime{});
  notes.set_authenticated(false, 1, SystemTime{1s});
  EXPECT_FALSE(notes.status().last_failure);
  notes.set_failure("no session: gone", SystemTime{2s});
  ASSERT_TRUE(notes.status().last_failure);
  EXPECT_EQ(notes.status().last_failure->text, "no session: gone");
  EXPECT_EQ(notes.status().last_failure->at, SystemTime{2s});
}

}  // namespace
}  // namespace pbxbridge::pbx
