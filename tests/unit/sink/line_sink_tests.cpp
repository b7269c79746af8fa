#include "pbxbridge/event.hpp"
#include "sink/event_loop.hpp"
#include "sink/line_sink.hpp"
#include "sink/recording_observer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// Orders to the target of a sink, and what it has seen. Shared with the writer's thread.
class Script {
 public:
  /// Lets so many writes through, then holds them.
  void let_through(int writes) {
    const std::lock_guard lock(mutex_);
    permits_ += writes;
    changed_.notify_all();
  }
  void wait_for_permit() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return permits_ > 0; });
    --permits_;
    --waiting_;
  }
  bool writer_waits() {
    const std::lock_guard lock(mutex_);
    return waiting_ > 0 && permits_ == 0;
  }

  std::atomic<int> full = 0;  ///< so many writes find no room
  std::atomic<int> reopens = 0;
  std::atomic<int> flushes = 0;
  std::atomic<bool> broken = false;
  std::atomic<bool> gone = false;  ///< the target was destroyed
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  void add(std::span<const std::string> lines) {
    const std::lock_guard lock(mutex_);
    lines_.insert(lines_.end(), lines.begin(), lines.end());
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int permits_ = 0;
  int waiting_ = 0;
  std::vector<std::string> lines_;
};

class ScriptedTarget final : public LineTarget {
 public:
  explicit ScriptedTarget(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  ~ScriptedTarget() override { script_->gone = true; }
  Result<std::string> open() override {
    notice("opened with a remark");
    return std::string("a script");
  }
  LinesWritten write(std::span<const std::string> lines) override {
    script_->wait_for_permit();
    if (script_->broken) return {.failure = Error{ErrorCategory::storage, "broken"}};
    if (script_->full > 0) {
      --script_->full;
      return {.lines = 0, .retry = "full"};
    }
    script_->add(lines);
    return {.lines = lines.size()};
  }
  std::optional<Error> reopen() override {
    ++script_->reopens;
    return std::nullopt;
  }
  std::optional<Error> flush() override {
    ++script_->flushes;
    return std::nullopt;
  }

 private:
  std::shared_ptr<Script> script_;
};

class LineSinkTest : public testing::Test {
 protected:
  ~LineSinkTest() override { script_->let_through(1'000); }

  void connect() {
    sink_.connect();
    ASSERT_TRUE(loop_.run_until([&] { return !observer_.connections.empty(); }));
  }
  bool deliver(std::uint64_t token) {
    EventAttributes attributes;
    attributes.payload_kind = PayloadKind::json_other;
    Delivery delivery;
    delivery.token = token;
    delivery.event = Event::make(std::to_string(token), attributes);
    return observer_.deliver(sink_, delivery);
  }
  bool all_answered() {
    return loop_.run_until([&] { return observer_.in_flight() == 0; });
  }

  test::EventLoop loop_;
  test::RecordingObserver observer_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  LineSink sink_{{"log", loop_.executor(), observer_}, Format::raw, std::make_unique<ScriptedTarget>(script_)};
};

TEST_F(LineSinkTest, PassesOnWhatTheTargetSays) {
  connect();
  EXPECT_THAT(observer_.connections, ElementsAre("a script"));
  EXPECT_THAT(observer_.notices, ElementsAre("opened with a remark"));
}

TEST_F(LineSinkTest, NothingOvertakesWhatWasNotWritten) {
  script_->full = 1;
  connect();
  ASSERT_TRUE(deliver(1));
  ASSERT_TRUE(loop_.run_until([&] { return script_->writer_waits(); }));
  ASSERT_TRUE(deliver(2));  // is in the queue when the first one fails
  script_->let_through(100);
  ASSERT_TRUE(all_answered());
  EXPECT_EQ(observer_.count(Outcome::Kind::retry), 2U);
  EXPECT_THAT(script_->lines(), SizeIs(0));

  ASSERT_TRUE(deliver(1));
  ASSERT_TRUE(deliver(2));
  ASSERT_TRUE(all_answered());
  EXPECT_THAT(script_->lines(), ElementsAre("1\n", "2\n"));
}

TEST_F(LineSinkTest, TakesNothingBetweenAFailureAndItsLastOutcome) {
  script_->full = 1;
  connect();
  for (std::uint64_t token = 1; token <= 600; ++token) ASSERT_TRUE(deliver(token));
  script_->let_through(100);
  bool taken_early = false;
  ASSERT_TRUE(loop_.run_until([&] {
    if (observer_.count(Outcome::Kind::retry) > 0 && observer_.in_flight() > 0) taken_early |= deliver(1'000);
    return observer_.in_flight() == 0;
  }));
  EXPECT_FALSE(taken_early);
  EXPECT_TRUE(deliver(1'000));
  ASSERT_TRUE(all_answered());
}

TEST_F(LineSinkTest, RejectsBeyondItsWindowAndSaysWhenThereIsRoom) {
  connect();
  std::uint64_t token = 0;
  while (deliver(token + 1)) ++token;
  EXPECT_EQ(token, sink_.window());
  EXPECT_EQ(observer_.writable_calls, 0U);
  script_->let_through(1'000);
  ASSERT_TRUE(all_answered());
  EXPECT_EQ(observer_.writable_calls, 1U);
}

TEST_F(LineSinkTest, LosesTheConnectionWhereTheTargetIsBroken) {
  script_->broken = true;
  connect();
  ASSERT_TRUE(deliver(1));
  script_->let_through(1);
  ASSERT_TRUE(loop_.run_until([&] { return !observer_.losses.empty(); }));
  EXPECT_EQ(observer_.losses.front().text, "broken");
  EXPECT_TRUE(script_->gone) << "the next sink would find its file locked";
  EXPECT_THAT(observer_.outcomes, SizeIs(0));
}

TEST_F(LineSinkTest, ReopensTheTargetWithoutAnEvent) {
  connect();
  sink_.reopen();
  EXPECT_TRUE(loop_.run_until([&] { return script_->reopens == 1; }));
}

TEST_F(LineSinkTest, FlushesBeforeItIsClosed) {
  connect();
  ASSERT_TRUE(deliver(1));
  script_->let_through(1);
  int flushes_when_closed = 0;
  sink_.close(10s, [&] { flushes_when_closed = script_->flushes; });
  EXPECT_TRUE(loop_.run_until([&] { return flushes_when_closed > 0; }));
  EXPECT_THAT(script_->lines(), ElementsAre("1\n"));
  EXPECT_TRUE(script_->gone) << "the next sink would find its file locked";
}

TEST_F(LineSinkTest, FollowsTheFormatOfARoute) {
  connect();
  EventAttributes attributes;
  attributes.payload_kind = PayloadKind::json_other;
  Delivery delivery;
  delivery.token = 1;
  delivery.event = Event::make("1", attributes);
  auto options = std::make_shared<FormatOptions>();
  options->format = Format::cloudevents_structured;
  delivery.options = std::move(options);
  script_->let_through(1);
  ASSERT_TRUE(observer_.deliver(sink_, delivery));
  ASSERT_TRUE(all_answered());
  EXPECT_THAT(script_->lines(), ElementsAre(HasSubstr("\"specversion\":\"1.0\"")));
}

}  // namespace
}  // namespace pbxbridge::sink
