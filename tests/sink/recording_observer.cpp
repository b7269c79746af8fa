#include "sink/recording_observer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::test {

bool RecordingObserver::deliver(Sink& sink, const Delivery& delivery) {
  waiting_.insert(delivery.token);
  is_delivering_ = true;
  const bool taken = sink.deliver(delivery);
  is_delivering_ = false;
  if (!taken) waiting_.erase(delivery.token);
  return taken;
}

void RecordingObserver::connected(std::string detail) {
  check("connected");
  connections.push_back(std::move(detail));
}

void RecordingObserver::connection_lost(Error error) {
  check("connection_lost");
  losses.push_back(std::move(error));
  waiting_.clear();
}

void RecordingObserver::outcome(std::uint64_t token, Outcome outcome) {
  check("outcome");
  EXPECT_FALSE(is_delivering_) << "outcome from within deliver: token " << token;
  EXPECT_TRUE(losses.empty()) << "outcome after connection_lost";
  EXPECT_EQ(waiting_.erase(token), 1U) << "an outcome that nothing waits for: token " << token;
  EXPECT_EQ(outcome.reason.empty(), outcome.kind == Outcome::Kind::delivered)
      << "a reason is given exactly where an event was not delivered; reason: " << outcome.reason;
  outcomes.insert_or_assign(token, std::move(outcome));
}

void RecordingObserver::writable() {
  check("writable");
  ++writable_calls;
}

void RecordingObserver::notice(std::string text, std::string peer_words) {
  check("notice");
  notices.push_back(text + peer_words);
}

void RecordingObserver::alive() {
  check("alive");
  ++alive_calls;
}

void RecordingObserver::stuck(std::string reason, std::string peer_words) {
  check("stuck");
  stuck_reasons.push_back(reason + "; " + peer_words);
}

void RecordingObserver::unstuck() {
  check("unstuck");
  EXPECT_GT(stuck_reasons.size(), unstuck_calls) << "unstuck without having been stuck";
  ++unstuck_calls;
}

std::size_t RecordingObserver::count(Outcome::Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [kind](const auto& entry) { return entry.second.kind == kind; }));
}

void RecordingObserver::check(const char* call) const {
  EXPECT_FALSE(ended_) << call << " after the sink's end";
  EXPECT_EQ(std::this_thread::get_id(), thread_) << call << " on a thread of the sink's own";
}

}  // namespace pbxbridge::test
