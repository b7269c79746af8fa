// The session while its receiver has no room.

#include "session_fixture.hpp"

#include <atomic>
#include <memory>
#include <semaphore>

namespace pbxbridge::pbx {
namespace {

using namespace test;
using testing::ElementsAre;

class SessionPause : public SessionRunner {
 protected:
  /// More than the sockets' buffers take, numbered.
  static constexpr int flood = 3000;
  static std::string flood_event(int number) { return std::to_string(number) + ' ' + std::string(10'000, 'x'); }

  static void four_events(PeerConnection& connection, int) {
    let_in(connection);
    for (int number = 1; number <= 4; ++number) connection.write(std::to_string(number));
    read_rest(connection);
  }
  void send_flood(PeerConnection& connection) {
    for (int number = 0; number < flood; ++number) {
      connection.write(flood_event(number));
      ++sent;
    }
  }
  /// True once the peer has sent nothing more for a while.
  [[nodiscard]] bool run_until_peer_is_paused() {
    auto before = std::chrono::steady_clock::now();
    int sent_before = 0;
    return run_until([&] {
      const auto now = std::chrono::steady_clock::now();
      if (sent == 0 || std::exchange(sent_before, sent) != sent_before) before = now;
      return now - before > 300ms;
    });
  }
  [[nodiscard]] bool run_until_received(std::size_t events) {
    return run_until([&] { return recorder.events.size() >= events; });
  }
  void expect_the_whole_flood_in_order() {
    ASSERT_EQ(recorder.events.size(), std::size_t{flood});
    for (int number = 0; number < flood; ++number)
      ASSERT_EQ(recorder.events[static_cast<std::size_t>(number)].payload, flood_event(number));
  }
  /// Has the session stop; false if that takes longer than it may.
  [[nodiscard]] bool stop_in_time() {
    bool stopped = false;
    session->stop([&] { stopped = true; });
    return run_until([&] { return stopped; }, 2300ms);
  }

  std::atomic<int> sent = 0;
};

TEST_F(SessionPause, HoldsThePeerBackAndLosesNothing) {
  recorder.room = false;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    send_flood(connection);
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until_peer_is_paused());
  EXPECT_LT(sent, flood);
  EXPECT_EQ(recorder.events.size(), 1U);
  EXPECT_EQ(logged("pbx.paused"), 1);
  EXPECT_EQ(logged("pbx.resumed"), 0);

  recorder.room = true;
  session->resume();
  ASSERT_TRUE(run_until_received(flood));
  expect_the_whole_flood_in_order();
  EXPECT_EQ(logged("pbx.paused"), 1);
  EXPECT_EQ(logged("pbx.resumed"), 1);
  EXPECT_GT(metric().paused_seconds.value(), 0.2);
}

TEST_F(SessionPause, HoldsBackAgainEachTimeThereIsNoRoom) {
  recorder.room = false;
  ScriptedPeer peer(four_events);
  start(peer.url());
  for (std::size_t number = 1; number <= 4; ++number) {
    ASSERT_TRUE(run_until_received(number));
    ASSERT_TRUE(run_until([&] { return logged("pbx.paused") == static_cast<long>(number); }));
    ASSERT_EQ(recorder.events.size(), number);
    session->resume();
  }
  EXPECT_THAT(recorder.payloads(), ElementsAre("1", "2", "3", "4"));
}

TEST_F(SessionPause, SaysNothingOfAPauseThatIsShort) {
  recorder.room = false;
  ScriptedPeer peer(four_events);
  start(peer.url());
  for (std::size_t number = 1; number <= 4; ++number) {
    ASSERT_TRUE(run_until_received(number));
    session->resume();
  }
  EXPECT_EQ(logged("pbx.paused"), 0);
  EXPECT_EQ(logged("pbx.resumed"), 0);
  EXPECT_GT(metric().paused_seconds.value(), 0);
}

TEST_F(SessionPause, ReadsOnAfterTheLongestPauseAndPausesOnlyOnceThereWasRoom) {
  max_pause = 150ms;
  recorder.room = false;
  std::counting_semaphore<8> next(0);
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    for (int number = 1; number <= 3; ++number) connection.write(std::to_string(number));
    for (int number = 4; number <= 5; ++number) {
      next.acquire();
      connection.write(std::to_string(number));
    }
    read_rest(connection);
  });
  // A script that waits for its cue would keep the peer from ending.
  const std::shared_ptr<void> end_of_test(nullptr, [&](void*) { next.release(4); });
  start(peer.url());
  ASSERT_TRUE(run_until_received(3));
  EXPECT_EQ(logged("pbx.paused"), 1);
  EXPECT_EQ(logged("pbx.pause_exhausted"), 1);
  EXPECT_EQ(logged("the spool has accepted nothing for 0.15 s"), 1);
  session->resume();
  EXPECT_EQ(logged("pbx.resumed"), 0) << "no event has found room yet";

  recorder.room = true;
  next.release();
  ASSERT_TRUE(run_until_received(4));
  EXPECT_EQ(logged("pbx.resumed"), 1);
  recorder.room = false;
  next.release();
  ASSERT_TRUE(run_until_received(5));
  ASSERT_TRUE(run_until([&] { return logged("pbx.pause_exhausted") == 2; }));
  EXPECT_EQ(logged("pbx.paused"), 2);
}

TEST_F(SessionPause, AnswersPingsAfterTheLongestPause) {
  max_pause = 300ms;
  recorder.room = false;
  std::atomic<bool> answered = false;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    connection.write("event");
    connection.ping(answered);
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.paused"));
  run_for(100ms);
  EXPECT_FALSE(answered);
  EXPECT_TRUE(run_until([&] { return answered.load(); }));
  EXPECT_EQ(metric().authenticated.value(), 1);
}

TEST_F(SessionPause, DoesNotTakeItsOwnPauseForSilenceOfThePeer) {
  config.ping_interval = 40ms;
  config.peer_timeout = 200ms;
  recorder.room = false;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    connection.write("event");
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.paused"));
  run_for(600ms);
  session->resume();
  run_for(300ms);
  EXPECT_EQ(metric().authenticated.value(), 1);
  EXPECT_EQ(logged("pbx.connection_lost"), 0);
}

TEST_F(SessionPause, NoticesAfterwardsThatThePeerIsFrozen) {
  config.ping_interval = 40ms;
  config.peer_timeout = 200ms;
  recorder.room = false;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    connection.write("event");
    connection.freeze();
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.paused"));
  session->resume();
  EXPECT_TRUE(run_until_logged("nothing came from it for 0.2 s"));
}

TEST_F(SessionPause, HandsOverWhatThePeerSentBeforeItClosed) {
  recorder.room = false;
  ScriptedPeer peer([](PeerConnection& connection, int number) {
    let_in(connection);
    if (number > 1) {
      read_rest(connection);
      return;
    }
    for (const char* event : {"1", "2", "3"}) connection.write(event);
    connection.close(1012, "restart");
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.paused"));
  recorder.room = true;
  session->resume();
  ASSERT_TRUE(run_until([&] { return metric().reconnects.value() == 1; }));
  EXPECT_THAT(recorder.payloads(), ElementsAre("1", "2", "3"));
}

TEST_F(SessionPause, HoldsBackTheNextConnection) {
  config.ping_interval = 20ms;
  max_pause = 100ms;
  recorder.room = false;
  ScriptedPeer peer([](PeerConnection& connection, int number) {
    let_in(connection);
    connection.write(std::to_string(number));
    if (number > 1) read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.pause_exhausted"));
  recorder.room = true;
  ASSERT_TRUE(run_until_received(2));
  EXPECT_EQ(recorder.events[1].connection_epoch, 2U);
  EXPECT_TRUE(run_until_logged("pbx.resumed"));
}

TEST_F(SessionPause, StopReadsOnAndHandsOverWhatComes) {
  recorder.room = false;
  std::atomic<int> close_code = 0;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    send_flood(connection);
    read_rest(connection);
    close_code = connection.close_code();
  });
  start(peer.url());
  ASSERT_TRUE(run_until_peer_is_paused());
  ASSERT_TRUE(stop_in_time());
  EXPECT_TRUE(run_until([&] { return close_code == 1000; }));
  expect_the_whole_flood_in_order();
  EXPECT_EQ(logged("pbx.paused"), 1);
}

TEST_F(SessionPause, StopDoesNotWaitForAPeerThatIsFrozen) {
  recorder.room = false;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    connection.write("event");
    connection.freeze();
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.paused"));
  EXPECT_TRUE(stop_in_time());
}

TEST_F(SessionPause, MayEndInTheMiddleOfAPause) {
  max_pause = 100ms;
  recorder.room = false;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    for (;;) connection.write("event");
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("pbx.paused"));
  session.reset();
  run_for(200ms);
  EXPECT_EQ(recorder.events.size(), 1U);
  EXPECT_EQ(logged("pbx.pause_exhausted"), 0);
}

}  // namespace
}  // namespace pbxbridge::pbx
