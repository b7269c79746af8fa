#include "machine_script.hpp"
#include "pbx/session.hpp"
#include "scripted_peer.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <optional>

namespace pbxbridge::pbx {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string subscribe_to_cdr = R"({"command":"subscribe","topics":["cdr_events"]})";

struct ReceivedEvent {
  std::string payload;
  SystemTime received_at;
  std::uint32_t connection_epoch;
};

class Recorder final : public EventReceiver {
 public:
  void receive(std::string_view pbx, std::string_view payload, SystemTime received_at,
               std::uint32_t connection_epoch) override {
    EXPECT_EQ(pbx, "hq");
    events.push_back({std::string(payload), received_at, connection_epoch});
  }
  std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const auto& event : events) all.push_back(event.payload);
    return all;
  }
  std::vector<ReceivedEvent> events;
};

/// A session of one account, its log and metrics, on an io loop that runs while a test waits.
class SessionRunner : public testing::Test {
 protected:
  void start(const std::string& url) {
    config.url.value = url;
    session.emplace(io, config, recorder, log, metrics.pbx("hq"));
    session->start();
  }

  void TearDown() override {
    session.reset();
    io.restart();
    io.run_for(10ms);
  }

  [[nodiscard]] bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = 15s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_for(2ms);
    }
    return true;
  }
  [[nodiscard]] bool run_until_logged(const std::string& part) {
    return run_until([&] { return logged(part) > 0; });
  }
  void run_for(std::chrono::milliseconds time) {
    io.restart();
    io.run_for(time);
  }

  long logged(const std::string& part) {
    const std::lock_guard lock(log_mutex);
    return std::count_if(log_lines.begin(), log_lines.end(),
                         [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }

  observe::PbxMetrics& metric() { return metrics.pbx("hq"); }

  boost::asio::io_context io;
  pbxbridge::test::TemporaryDirectory directory;
  std::mutex log_mutex;
  std::vector<std::string> log_lines;  // under log_mutex
  observe::Log log{observe::LogFormat::text, [this](const std::string& line) {
                     const std::lock_guard lock(log_mutex);
                     log_lines.push_back(line);
                   }};
  observe::Metrics metrics;
  Recorder recorder;
  config::PbxConfig config = quick();
  std::optional<Session> session;

 private:
  static config::PbxConfig quick() {
    auto config = one_subscription();
    config.reconnect = {10ms, 50ms};
    config.auth_retry = {10ms, 50ms};
    return config;
  }
};

/// Accepts the account, grants the subscription.
void let_in(PeerConnection& peer) {
  peer.read();
  peer.write(accepted);
  peer.read();
  peer.write(granted);
}

/// Reads until the client closes.
std::vector<std::string> read_rest(PeerConnection& peer) {
  std::vector<std::string> messages;
  while (auto message = peer.read()) messages.push_back(*message);
  return messages;
}

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
  EXPECT_EQ(metric().streaming->Value(), 1);
  EXPECT_EQ(metric().connections->Value(), 1);
  EXPECT_EQ(metric().reconnects->Value(), 0);
  EXPECT_EQ(metric().subscriptions[1]->Value(), 1);
  EXPECT_GT(metric().bytes_received->Value(), 0);
  EXPECT_GT(metric().last_event_timestamp_seconds->Value(), 0);
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
  EXPECT_EQ(metric().events_too_large->Value(), 2);
  EXPECT_TRUE(run_until_logged("a message of 100000 bytes was dropped"));
}

TEST_F(SessionRunner, ReconnectsInANewEpochAndSubscribesAgain) {
  ScriptedPeer peer([](PeerConnection& connection, int number) {
    let_in(connection);
    connection.write(std::to_string(number));
    if (number == 1)
      connection.close(1012, "restart\nnow");
    else
      read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 2; }));
  EXPECT_EQ(recorder.events[1].connection_epoch, 2U);
  EXPECT_EQ(metric().reconnects->Value(), 1);
  EXPECT_TRUE(run_until_logged("it closed the connection with code 1012 (restart now)"));
}

TEST_F(SessionRunner, SaysWhenThePeerBreaksOffOrSendsBrokenText) {
  ScriptedPeer peer([](PeerConnection& connection, int number) {
    let_in(connection);
    if (number == 1) return;
    connection.write("\xff\xfe");
    read_rest(connection);
  });
  start(peer.url());
  EXPECT_TRUE(run_until_logged("it ended the connection without a closing handshake"));
  EXPECT_TRUE(run_until_logged("it sent a text message that is not valid UTF-8"));
}

TEST_F(SessionRunner, CountsARefusedAccountAndTriesAgainWithTheSecretOfThen) {
  const auto password_file = directory / "password";
  std::ofstream(password_file) << "old\n";
  config.auth.password = config::Secret::of_file(password_file);
  ScriptedPeer peer([&](PeerConnection& connection, int number) {
    const auto auth = connection.read();
    if (auth->find(R"("password":"new")") == std::string::npos) {
      if (number == 1) std::ofstream(password_file) << "new\n";
      connection.write(refused);
    } else {
      connection.write(accepted);
    }
    read_rest(connection);
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return metric().streaming->Value() == 1; }));
  EXPECT_EQ(metric().auth_refusals->Value(), 1);
  EXPECT_EQ(logged("refused the account (status -1: password error)"), 1);
}

TEST_F(SessionRunner, SaysWhenASecretCannotBeRead) {
  config.auth.password = config::Secret::of_file(directory / "missing");
  ScriptedPeer peer([](PeerConnection& connection, int) { let_in(connection); });
  start(peer.url());
  EXPECT_TRUE(run_until_logged("pbx.connection_failed"));
  EXPECT_TRUE(run_until_logged("missing"));
  EXPECT_EQ(metric().connections->Value(), 0);
}

TEST_F(SessionRunner, NoticesAPeerThatIsFrozen) {
  config.ping_interval = 50ms;
  config.peer_timeout = 200ms;
  ScriptedPeer peer([](PeerConnection& connection, int) {
    let_in(connection);
    connection.freeze();
  });
  start(peer.url());
  ASSERT_TRUE(run_until([&] { return metric().streaming->Value() == 1; }));
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
  ASSERT_TRUE(run_until([&] { return metric().streaming->Value() == 1; }));
  run_for(800ms);
  EXPECT_EQ(metric().streaming->Value(), 1);
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

TEST_F(SessionRunner, SaysWhenNobodyListens) {
  std::string url;
  {
    ScriptedPeer gone([](PeerConnection&, int) {});
    url = gone.url();
  }
  start(url);
  EXPECT_TRUE(run_until_logged("Connection refused"));
  EXPECT_TRUE(run_until([&] { return metric().connection_failures->Value() >= 3; }));
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
  EXPECT_EQ(metric().streaming->Value(), 0);
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

class SessionOverTls : public SessionRunner {
 protected:
  Certificate localhost = make_certificate(directory.path(), "localhost", "DNS:localhost");
};

TEST_F(SessionOverTls, VerifiesTheCertificateAndSendsTheServerName) {
  std::mutex mutex;
  std::string name;
  ScriptedPeer peer({.certificate = localhost}, [&](PeerConnection& connection, int) {
    {
      const std::lock_guard lock(mutex);
      name = connection.server_name();
    }
    let_in(connection);
    connection.write("event");
    read_rest(connection);
  });
  config.tls.ca_file = localhost.certificate_file;
  start(peer.url("localhost"));
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 1; }));
  bool stopped = false;
  session->stop([&] { stopped = true; });
  EXPECT_TRUE(run_until([&] { return stopped; }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(name, "localhost");
}

TEST_F(SessionOverTls, RefusesACertificateOfAnotherName) {
  const auto other = make_certificate(directory.path(), "other", "DNS:other.example");
  ScriptedPeer peer({.certificate = other}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = other.certificate_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not made out to localhost"));
  EXPECT_EQ(metric().connections->Value(), 0);
}

TEST_F(SessionOverTls, TakesAnotherNameThatIsConfigured) {
  const auto other = make_certificate(directory.path(), "other", "DNS:other.example");
  ScriptedPeer peer({.certificate = other}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = other.certificate_file;
  config.tls.server_name = "other.example";
  start(peer.url());
  EXPECT_TRUE(run_until_logged("is granted"));
}

TEST_F(SessionOverTls, ComparesAnAddressWithTheAddressesInTheCertificate) {
  const auto addressed = make_certificate(directory.path(), "addressed", "IP:127.0.0.1");
  ScriptedPeer good({.certificate = addressed}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = addressed.certificate_file;
  start(good.url("127.0.0.1"));
  EXPECT_TRUE(run_until_logged("is granted"));

  ScriptedPeer bad({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = localhost.certificate_file;
  start(bad.url("127.0.0.1"));
  EXPECT_TRUE(run_until_logged("its certificate is not made out to 127.0.0.1"));
}

TEST_F(SessionOverTls, RefusesACertificateOfAnUnknownAuthority) {
  const auto other = make_certificate(directory.path(), "other", "DNS:localhost");
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = other.certificate_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not trusted"));
  EXPECT_EQ(metric().connections->Value(), 0);
}

TEST_F(SessionOverTls, DoesNotTrustASelfSignedCertificateByDefault) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not trusted"));
}

TEST_F(SessionOverTls, ShoutsWhereItDoesNotVerify) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.insecure_skip_verify = true;
  start(peer.url("127.0.0.1"));
  EXPECT_TRUE(run_until_logged("is granted"));
  EXPECT_TRUE(run_until_logged("NOT VERIFIED"));
}

TEST_F(SessionOverTls, ShowsItsClientCertificate) {
  const auto client = make_certificate(directory.path(), "client", "DNS:client");
  std::mutex mutex;
  std::string name;
  ScriptedPeer peer({.certificate = localhost, .client_certificate = client}, [&](PeerConnection& connection, int) {
    {
      const std::lock_guard lock(mutex);
      name = connection.client_certificate_name();
    }
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = localhost.certificate_file;
  config.tls.cert_file = client.certificate_file;
  config.tls.key_file = client.key_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("is granted"));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(name, "client");
}

TEST_F(SessionOverTls, NamesTheFileThatIsNotUsable) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection&, int) {});
  config.tls.ca_file = directory / "no-such.pem";
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("no-such.pem is not usable"));
}

TEST_F(SessionOverTls, NamesAKeyThatBelongsToAnotherCertificate) {
  const auto client = make_certificate(directory.path(), "client", "DNS:client");
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection&, int) {});
  config.tls.ca_file = localhost.certificate_file;
  config.tls.cert_file = client.certificate_file;
  config.tls.key_file = localhost.key_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("key_file"));
}

}  // namespace
}  // namespace pbxbridge::pbx
