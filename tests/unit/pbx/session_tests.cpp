#include "session_fixture.hpp"

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

namespace pbxbridge::pbx {
namespace {

using namespace test;
using testing::ElementsAre;

const std::string subscribe_to_cdr = R"({"command":"subscribe","topics":["cdr_events"]})";

TEST_F(SessionRunner, AuthenticatesSubscribesAndHandsOverEvents) {
  std::mutex mutex;
  std::vector<std::string> received;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    auto auth = connection.read();
    connection.write(R"({"event_type":"before"})");
    connection.write(accepted);
    auto subscribe = connection.read();
    connection.write(R"({"event_type":"between"})");
    connection.write(granted);
    connection.write("\xef\xbb\xbf no JSON");
    {
      const std::lock_guard lock(mutex);
      received = {*auth, *subscribe};
    }
    read_rest(connection);
  });
  const SystemTime before = std::chrono::system_clock::now();
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 3 && logged("is granted") == 1; }));

  EXPECT_THAT(recorder.payloads(),
              ElementsAre(R"({"event_type":"before"})", R"({"event_type":"between"})", "\xef\xbb\xbf no JSON"));
  EXPECT_EQ(recorder.events[0].connection_epoch, 1U);
  EXPECT_GE(recorder.events[0].received_at, before);
  EXPECT_LE(recorder.events[2].received_at, SystemTime(std::chrono::system_clock::now()));
  EXPECT_EQ(metric().authenticated.value(), 1);
  EXPECT_EQ(metric().connections.value(), 1);
  EXPECT_EQ(metric().reconnects.value(), 0);
  EXPECT_EQ(metric().subscriptions[1].value(), 1);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(received,
              ElementsAre(R"({"command":"auth","username":"bridge","password":"hunter2","domain":"example.com"})",
                          subscribe_to_cdr));
}

TEST_F(SessionRunner, HandsOverFragmentedBinaryEmptyAndLongMessagesAsTheyCame) {
  const std::string longer(300'000, 'x');
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    connection.write_in_fragments({"{\"a\":", "", "1}"});
    connection.write_binary(std::string_view("\x00\xff\xfe", 3));
    connection.write("");
    connection.write(longer);
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 4; }));
  EXPECT_THAT(recorder.payloads(), ElementsAre("{\"a\":1}", std::string("\x00\xff\xfe", 3), "", longer));
}

TEST_F(SessionRunner, SkipsAMessageOverTheLimitAndGoesOn) {
  config.max_frame_size.bytes = 1000;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    connection.write(std::string(1000, 'a'));
    connection.write(std::string(100'000, 'b'));
    connection.write(std::string(1001, 'c'));
    connection.write("after");
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 2; }));
  EXPECT_THAT(recorder.payloads(), ElementsAre(std::string(1000, 'a'), "after"));
  EXPECT_EQ(metric().events_too_large.value(), 2);
  EXPECT_TRUE(run_until_logged("a message of 100000 bytes was dropped"));
}

TEST_F(SessionRunner, ReconnectsInANewEpochAndSubscribesAgain) {
  ScriptedPeer peer([](PeerConnection& connection, int number) {
    let_in(connection);
    connection.write(std::to_string(number));
    if (number == 1)
      connection.close(1012, "restart\nnow, 4915112345678");
    else
      read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 2; }));
  EXPECT_EQ(recorder.events[1].connection_epoch, 2U);
  EXPECT_EQ(metric().reconnects.value(), 1);
  EXPECT_TRUE(run_until_logged("it closed the connection with code 1012 (restart now, (a number))"));
}

TEST_F(SessionRunner, HandsOverTextThatIsNotUtf8AndGoesOn) {
  const std::vector<std::string> texts = {
      "{\"n\":\"J\xfcrgen\"}", "\xff\xfe", "\xed\xa0\x80", "\xc0\x80", "caf\xc3", "after"};
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    for (const auto& text : texts) connection.write(text);
    connection.write_in_fragments({"\xfc", "\xc3", "\xa4"});
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == texts.size() + 1; }));
  auto expected = texts;
  expected.push_back("\xfc\xc3\xa4");
  EXPECT_EQ(recorder.payloads(), expected);
  EXPECT_EQ(metric().connections.value(), 1);
  EXPECT_EQ(logged("pbx.connection_lost"), 0);
}

TEST_F(SessionRunner, SaysWhenThePeerBreaksOffOrSendsBrokenTextWhereThatIsToBeStrict) {
  config.strict_utf8 = true;
  ScriptedPeer peer([](PeerConnection& connection, int number) {
    let_in(connection);
    if (number == 1) return;
    connection.write("\xff\xfe");
    read_rest(connection);
  });
  start(peer.url());
  EXPECT_TRUE(run_until_logged("it ended the connection without a word"));
  EXPECT_TRUE(run_until_logged("it sent a text message that is not valid UTF-8"));
}

TEST_F(SessionRunner, CountsARejectedAccountAndTriesAgainWithTheSecretOfThen) {
  const auto password_file = directory / "password";
  std::ofstream(password_file) << "old\n";
  config.auth.password = config::Secret::of_file(password_file);
  ScriptedPeer peer([&](PeerConnection& connection, int number) {
    const auto auth = connection.read();
    if (auth->find(R"("password":"new")") == std::string::npos) {
      if (number == 1) std::ofstream(password_file) << "new\n";
      connection.write(rejected);
    } else {
      connection.write(accepted);
    }
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return metric().authenticated.value() == 1; }));
  EXPECT_EQ(metric().auth_rejections.value(), 1);
  EXPECT_EQ(logged("rejected the account (status -1: password error)"), 1);
}

TEST_F(SessionRunner, SaysWhenASecretCannotBeRead) {
  config.auth.password = config::Secret::of_file(directory / "missing");
  ScriptedPeer peer([](PeerConnection& connection, int) { let_in(connection); });
  start(peer.url());
  EXPECT_TRUE(run_until_logged("pbx.connection_failed"));
  EXPECT_TRUE(run_until_logged("missing"));
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST_F(SessionRunner, NoticesAPeerThatIsFrozen) {
  config.ping_interval = 50ms;
  config.peer_timeout = 200ms;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    connection.freeze();
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return metric().authenticated.value() == 1; }));
  EXPECT_TRUE(run_until_logged("nothing came from it for 0.2 s"));
}

TEST_F(SessionRunner, KeepsAQuietPeerThatAnswersPings) {
  config.ping_interval = 40ms;
  config.peer_timeout = 200ms;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return metric().authenticated.value() == 1; }));
  run_for(800ms);
  EXPECT_EQ(metric().authenticated.value(), 1);
  EXPECT_EQ(logged("pbx.connection_lost"), 0);
}

TEST_F(SessionRunner, GivesUpAnAttemptAtItsDeadline) {
  config.connect_timeout = 150ms;
  ScriptedPeer peer({.answers_handshake = false}, [](PeerConnection&, int) {});
  start(peer.url());
  EXPECT_TRUE(run_until_logged("took longer than 0.15 s, it ended while making the WebSocket handshake"));
}

TEST_F(SessionRunner, SaysWhichHttpStatusAnsweredTheHandshake) {
  ScriptedPeer peer({.http_answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
                    [](PeerConnection&, int) {});
  start(peer.url());
  EXPECT_TRUE(run_until_logged("it answered the WebSocket handshake with HTTP status 404"));
}

TEST_F(SessionRunner, ObeysRetryAfter) {
  ScriptedPeer peer({.http_answer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 70\r\n\r\n"},
                    [](PeerConnection&, int) {});
  start(peer.url());
  EXPECT_TRUE(run_until_logged("HTTP status 503"));
  EXPECT_EQ(logged("next attempt in 70 s"), 1);
}

TEST_F(SessionRunner, TriesAClientThatIsNotLetInAsSlowlyAsARejectedAccount) {
  config.auth_retry = {50s, 50s};
  ScriptedPeer peer({.http_answer = "HTTP/1.1 403 Forbidden\r\n\r\n"}, [](PeerConnection&, int) {});
  start(peer.url());
  EXPECT_TRUE(run_until_logged("HTTP status 403"));
  EXPECT_EQ(logged("next attempt in 50 s"), 1);
}

TEST_F(SessionRunner, SaysThatThePortSpeaksTls) {
  ScriptedPeer peer({.http_answer = std::string("\x15\x03\x01\x00\x02\x02\x46", 7)}, [](PeerConnection&, int) {});
  start(peer.url());
  EXPECT_TRUE(run_until_logged("that port speaks TLS; is it wss:// there?"));
}

TEST_F(SessionRunner, DoesNotWaitForAHeaderThatDripsInLongerThanForAnAttempt) {
  config.connect_timeout = 300ms;
  ScriptedPeer peer({.http_answer = "HTTP/1.1 200 OK\r\nX: y", .drips = true}, [](PeerConnection&, int) {});
  start(peer.url());
  EXPECT_TRUE(run_until_logged("took longer than 0.3 s, it ended while making the WebSocket handshake"));
}

// Life is a whole frame, not a byte.

/// Lets the account in, writes `first`, then `again` 100 times a second until the client goes.
ScriptedPeer::Script drip(const std::string& first, const std::string& again) {
  return [first, again](PeerConnection& connection, int) {
    let_in(connection);
    connection.write_bytes(first);
    while (true) {
      connection.write_bytes(again);
      std::this_thread::sleep_for(10ms);
    }
  };
}

class SessionDrip : public SessionRunner {
 protected:
  void start(const ScriptedPeer& peer) {
    config.ping_interval = 100ms;
    config.peer_timeout = 400ms;
    SessionRunner::start(peer.url());
  }
};

TEST_F(SessionDrip, OfTheBytesOfOneFrameIsSilence) {
  ScriptedPeer peer(drip(std::string("\x81\x7e\xff\xff", 4), "x"));
  start(peer);
  EXPECT_TRUE(run_until_logged("is lost: nothing came from it for 0.4 s"));
}

TEST_F(SessionDrip, OfTheBytesOfAFrameThatIsTooLargeIsSilence) {
  config.max_frame_size.bytes = 4096;
  ScriptedPeer peer(drip(std::string("\x81\x7e\xff\xff", 4), "x"));
  start(peer);
  EXPECT_TRUE(run_until_logged("is lost: nothing came from it for 0.4 s"));
}

TEST_F(SessionDrip, OfEmptyFragmentsIsSilence) {
  ScriptedPeer peer(drip("\x01\x01x", std::string(2, '\0')));
  start(peer);
  EXPECT_TRUE(run_until_logged("is lost: nothing came from it for 0.4 s"));
}

TEST_F(SessionDrip, OfFragmentsThatNeverEndIsALimitedTime) {
  ScriptedPeer peer(drip("\x01\x01x", std::string("\x00\x01x", 3)));
  start(peer);
  EXPECT_TRUE(run_until_logged("is lost: it has not ended a message in fragments within 1.6 s"));
}

TEST_F(SessionDrip, OfPongsWithinAMessageThatNeverEndsIsALimitedTime) {
  ScriptedPeer peer(drip("\x01\x01x", std::string("\x8a\x00", 2)));
  start(peer);
  EXPECT_TRUE(run_until_logged("is lost: it has not ended a message in fragments within 1.6 s"));
}

TEST_F(SessionDrip, OfWholeFramesAndOfMessagesOfTwoIsLife) {
  ScriptedPeer peer(drip("\x01\x01x", std::string("\x80\x01y\x8a\x00\x01\x01x", 8)));
  start(peer);
  ASSERT_TRUE(run_until([&] { return recorder.events.size() > 300; }, 30s));
  EXPECT_EQ(logged("pbx.connection_lost"), 0);
}

TEST_F(SessionRunner, SaysWhenNobodyListens) {
  std::string url;
  {
    ScriptedPeer gone([](PeerConnection&, int) {});
    url = gone.url();
  }
  start(url);
  EXPECT_TRUE(run_until_logged("Connection refused"));
  EXPECT_TRUE(run_until([&] { return metric().connection_failures.value() >= 3; }));
}

TEST_F(SessionRunner, StopUnsubscribesAndCloses) {
  std::mutex mutex;
  std::vector<std::string> rest;
  std::atomic<int> close_code = 0;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    const auto unsubscribe = connection.read();
    connection.write(R"({"event_type":"late"})");
    connection.write(unsubscribed);
    {
      const std::lock_guard lock(mutex);
      rest.push_back(*unsubscribe);
    }
    read_rest(connection);
    close_code = connection.close_code();
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("is granted"));
  bool stopped = false;
  session->stop([&] { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped; }));
  EXPECT_TRUE(run_until([&] { return close_code == 1000; }));
  EXPECT_THAT(recorder.payloads(), ElementsAre(R"({"event_type":"late"})"));
  EXPECT_EQ(metric().authenticated.value(), 0);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(rest, ElementsAre(R"({"command":"unsubscribe","topics":["cdr_events"]})"));
}

TEST_F(SessionRunner, StopDoesNotWaitForAFrozenPeer) {
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    connection.freeze();
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("is granted"));
  bool stopped = false;
  session->stop([&] { stopped = true; });
  EXPECT_TRUE(run_until([&] { return stopped; }, 3s));
  bool stopped_again = false;
  session->stop([&] { stopped_again = true; });
  EXPECT_TRUE(run_until([&] { return stopped_again; }));
  EXPECT_EQ(logged("pbx.stopped"), 1);
}

TEST_F(SessionRunner, AReloadSendsTheDifference) {
  std::mutex mutex;
  std::vector<std::string> received;
  ScriptedPeer peer([&](PeerConnection& connection, int) {
    let_in(connection);
    while (const auto message = connection.read()) {
      const std::lock_guard lock(mutex);
      received.push_back(*message);
    }
  });
  start(peer.url());
  ASSERT_TRUE(run_until_logged("is granted"));
  session->update_subscriptions({{.topic = "queue_events", .queues = {"8001"}}});
  ASSERT_TRUE(run_until([&] {
    const std::lock_guard lock(mutex);
    return received.size() == 2;
  }));
  const std::lock_guard lock(mutex);
  EXPECT_THAT(received, ElementsAre(R"({"command":"unsubscribe","topics":["cdr_events"]})",
                                    R"({"command":"subscribe","topics":["queue_events"],"queues":["8001"]})"));
}

TEST_F(SessionRunner, MayEndInTheMiddleOfAConnection) {
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    for (;;) connection.write("event");
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() > 10; }));
  session.reset();
  const std::size_t before = recorder.events.size();
  run_for(50ms);
  EXPECT_EQ(recorder.events.size(), before);
}

}  // namespace
}  // namespace pbxbridge::pbx
