// The MQTT sink connects, is rejected, and leaves, with a real broker.

#include "sink/mqtt_scripted_broker.hpp"
#include "sink/mqtt_sink_fixture.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mosquitto_subscriber.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"
#include "text/secrets.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <fstream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using enum Outcome::Kind;

// Status topic

TEST_F(MqttConnectionTest, SaysOnlineWhenConnectedAndOfflineBeforeItLeaves) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_TRUE(sink.close());
  const auto messages = subscriber.wait_for(2);
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].topic, "pbxbridge/board/status");
  EXPECT_EQ(messages[0].payload, "online");
  EXPECT_TRUE(messages[0].retain);
  EXPECT_EQ(messages[1].topic, "pbxbridge/board/status");
  EXPECT_EQ(messages[1].payload, "offline");
  EXPECT_TRUE(messages[1].retain);
  // An unknown client is the connection by which Paho's way is tried.
  EXPECT_THAT(broker.log(),
              Not(Contains(AllOf(HasSubstr("closed its connection"), Not(HasSubstr("Client <unknown>"))))));
}

TEST_F(MqttConnectionTest, HasTheBrokerSayOfflineWhenItIsGone) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  // A twin with the same client id ends the first session without a good-bye: the broker publishes its will.
  for (const std::string version : {"3.1.1", "5"})
    ASSERT_TRUE(run(yaml(broker, "client_id: twin, prefix: site, version: " + version)).connected());
  EXPECT_TRUE(loop_.run_until([&] { return subscriber.messages().size() >= 3; }));
  const auto messages = subscriber.messages();
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_THAT(messages, Contains(testing::Field(&ReceivedMessage::payload, "offline")));
  EXPECT_THAT(messages, testing::Each(testing::Field(&ReceivedMessage::topic, "site/status")));
}

TEST_F(MqttConnectionTest, HasTheBrokerSayOfflineWhereItCannotSayItItself) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  auto& sink = run(yaml(broker, "prefix: site"));
  ASSERT_TRUE(sink.connected());
  EXPECT_TRUE(loop_.run_until([&] { return subscriber.messages("site/status").size() == 1; }));
  broker.freeze();
  ASSERT_TRUE(sink.deliver(make_delivery(1, "pbx", small_payload)));
  EXPECT_TRUE(sink.close(1s));
  sink.sink.reset();
  broker.thaw();
  EXPECT_TRUE(eventually([&] { return subscriber.messages("site/status").back().payload == "offline"; }));
}

TEST_F(MqttConnectionTest, HasNoStatusTopicWithAnEmptyPrefix) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  auto& sink = run(yaml(broker, "prefix: ''"));
  ASSERT_TRUE(sink.connected());
  EXPECT_TRUE(sink.close());
  EXPECT_TRUE(broker.wait_for_log("disconnected"));
  EXPECT_THAT(subscriber.messages(), IsEmpty());
}

// Rights to connect and publish

TEST_F(MqttConnectionTest, IsRejectedWithAWrongPasswordAndAcceptedWithTheRightOne) {
  const MosquittoBroker broker({.users = {{"bridge", "correct"}}});
  for (const std::string version : {"5", "3.1.1"}) {
    const std::string account = "version: " + version + ", username: bridge, password: ";
    auto& rejected = run(yaml(broker, account + "wrong"));
    ASSERT_FALSE(rejected.connected());
    EXPECT_EQ(rejected.observer.losses.front().category, ErrorCategory::rejected);
    EXPECT_THAT(rejected.loss(), AllOf(HasSubstr("not authorized"), Not(HasSubstr("wrong"))));
    EXPECT_TRUE(run(yaml(broker, account + "correct")).connected());
  }
}

TEST_F(MqttConnectionTest, ReadsThePasswordFileAtEachConnection) {
  const MosquittoBroker broker({.users = {{"bridge", "second"}}});
  const auto file = broker.directory() / "bridge_password";
  std::ofstream(file) << "first\n";
  const auto settings = mqtt_settings(yaml(broker, "username: bridge, password_file: " + file.string()));
  EXPECT_FALSE(run(settings).connected());
  std::ofstream(file) << "second\n";
  EXPECT_TRUE(run(settings).connected());
  std::filesystem::remove(file);
  auto& sink = run(settings);
  ASSERT_FALSE(sink.connected());
  EXPECT_THAT(sink.loss(), HasSubstr("bridge_password"));
}

TEST_F(MqttConnectionTest, RejectsWhatTheBrokerDoesNotAllow) {
  const MosquittoBroker broker(
      {.users = {{"bridge", "pw"}}, .acl = "user bridge\ntopic write pbx/allowed\ntopic write pbxbridge/#\n"});
  auto& sink = run(yaml(broker, "username: bridge, password: pw"));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx/allowed", small_payload)).kind, delivered);
  const auto rejected = sink.outcome_of(make_delivery(2, "pbx/forbidden", small_payload));
  EXPECT_EQ(rejected.kind, reject);
  EXPECT_THAT(rejected.reason, HasSubstr("not authorized"));
  EXPECT_EQ(sink.outcome_of(make_delivery(3, "pbx/allowed", small_payload)).kind, delivered);
}

TEST_F(MqttConnectionTest, SaysOfAnUnsetPasswordNothing) {
  const MosquittoBroker broker({.users = {{"bridge", "pw"}}});
  EXPECT_FALSE(run(yaml(broker)).connected());
}

// TLS and WebSocket

TEST_F(MqttConnectionTest, VerifiesTheBrokersCertificate) {
  const MosquittoBroker broker({.tls = true});
  const std::string tls = "tls: {ca_file: " + broker.ca_file().string() + "}";
  auto& sink = run("{" + url("mqtts", "localhost", broker.tls_port()) + ", " + tls + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", small_payload)).kind, delivered);
  EXPECT_THAT(sink.observer.notices, IsEmpty());
}

TEST_F(MqttConnectionTest, RejectsACertificateOfAnUnknownAuthority) {
  const MosquittoBroker broker({.tls = true});
  const MosquittoBroker other({.tls = true});
  for (const std::string& tls : {std::string(), ", tls: {ca_file: " + other.ca_file().string() + "}"}) {
    auto& sink = run("{" + url("mqtts", "localhost", broker.tls_port()) + tls + "}");
    ASSERT_FALSE(sink.connected());
    EXPECT_EQ(sink.observer.losses.front().category, ErrorCategory::tls);
    EXPECT_THAT(sink.loss(), AllOf(HasSubstr("not trusted"), HasSubstr("(tls.ca_file names the authority to trust)")));
  }
}

TEST_F(MqttConnectionTest, RejectsACertificateForAnotherName) {
  const MosquittoBroker broker({.tls = true, .certificate_name = "broker.example"});
  const std::string tls = ", tls: {ca_file: " + broker.ca_file().string();
  auto& sink = run("{" + url("mqtts", "localhost", broker.tls_port()) + tls + "}}");
  ASSERT_FALSE(sink.connected());
  EXPECT_EQ(sink.observer.losses.front().category, ErrorCategory::tls);
  EXPECT_THAT(sink.loss(), AllOf(HasSubstr("another name"), HasSubstr("localhost")));
  auto& named = run("{" + url("mqtts", "localhost", broker.tls_port()) + tls + ", server_name: broker.example}}");
  EXPECT_TRUE(named.connected()) << named.loss();
}

TEST_F(MqttConnectionTest, VerifiesNothingWhereItIsToldSo) {
  const MosquittoBroker broker({.tls = true, .certificate_name = "broker.example"});
  config::Report report;
  const auto node = config::parse_document(
      "{" + url("mqtts", "localhost", broker.tls_port()) + ", tls: {insecure_skip_verify: true}}", report);
  auto& sink = run(sink::mqtt_sink_type.read(node.value(), report));
  EXPECT_TRUE(sink.connected()) << sink.loss();
  ASSERT_EQ(report.problems().size(), 1U);  // written to the log at each start
  EXPECT_TRUE(report.problems()[0].warning);
  EXPECT_THAT(report.problems()[0].text, HasSubstr("NOT be verified"));
}

TEST_F(MqttConnectionTest, NamesAFileThatItCannotRead) {
  auto& sink = run("{url: 'mqtts://localhost:1', tls: {ca_file: /nowhere/ca.pem}}");
  ASSERT_FALSE(sink.connected());
  EXPECT_THAT(sink.loss(), HasSubstr("/nowhere/ca.pem"));
}

/// Answers each request with the same text.
class HttpServer {
 public:
  HttpServer(const boost::asio::any_io_executor& executor, std::string answer)
      : answer_(std::move(answer)),
        acceptor_(executor, {boost::asio::ip::address_v4::loopback(), 0}),
        socket_(executor) {
    acceptor_.async_accept(socket_, [this](boost::system::error_code) {
      boost::asio::async_read_until(socket_, boost::asio::dynamic_buffer(request_), "\r\n\r\n",
                                    [this](boost::system::error_code error, std::size_t) {
                                      boost::asio::write(socket_, boost::asio::buffer(answer_), error);
                                    });
    });
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  const std::string answer_;
  std::string request_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket socket_;
};

TEST_F(MqttConnectionTest, SaysHowAWebSocketIsRejected) {
  struct Rejection {
    std::string answer;
    std::string words;
    ErrorCategory category = ErrorCategory::network;
    std::chrono::seconds wait{0};
  };
  const Rejection rejections[] = {
      {"HTTP/1.1 301 x\r\nLocation: https://a:b@broker/mqtt?c\r\n\r\n", "it redirects to https://broker/mqtt, which"},
      {"HTTP/1.1 403 x\r\n\r\n", "HTTP status 403 (Forbidden)", ErrorCategory::rejected},
      {"HTTP/1.1 429 x\r\nRetry-After: 70\r\n\r\n", "HTTP status 429", ErrorCategory::network, 70s},
      {std::string("\x15\x03\x01\x00\x02\x02\x46", 7), "that port speaks TLS; is it wss:// there?"},
  };
  for (const auto& rejection : rejections) {
    const HttpServer server(loop_.executor(), rejection.answer);
    auto& sink = run("{" + url("ws", "127.0.0.1", server.port()) + "}");
    EXPECT_THAT(sink.loss(), HasSubstr(rejection.words));
    EXPECT_EQ(sink.observer.losses.at(0).category, rejection.category) << rejection.words;
    EXPECT_EQ(sink.observer.losses.at(0).wait, rejection.wait) << rejection.words;
    EXPECT_EQ(sink.observer.losses.at(0).account_rejected, rejection.category == ErrorCategory::rejected);
  }
}

TEST_F(MqttConnectionTest, OffersTheProtocolsOfAlpn) {
  const MosquittoBroker broker({.tls = true});  // for its certificates
  const Process server({"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem",
                        "-alpn", "mqtt", "-msg"},
                       {.environment = {}, .working_directory = broker.directory(), .network_namespace = {}});
  const auto listening = server.wait_for_output("ACCEPT 127.0.0.1:");
  ASSERT_TRUE(listening.has_value()) << server.transcript();
  auto& sink = run("{url: 'mqtts://localhost:" + listening->substr(listening->rfind(':') + 1) +
                   "', tls: {ca_file: " + broker.ca_file().string() + ", alpn: [x-amzn-mqtt-ca, mqtt]}}");
  EXPECT_TRUE(loop_.run_until([&] {
    return server.transcript().find("ALPN protocols advertised by the client: x-amzn-mqtt-ca, mqtt") !=
           std::string::npos;
  })) << server.transcript();
  EXPECT_TRUE(sink.observer.connections.empty());
}

TEST_F(MqttConnectionTest, SendsHeadersWithTheWebSocketHandshake) {
  ScriptedMqttBroker broker(loop_.executor());  // answers it nothing
  const auto file = TemporaryDirectory();
  std::ofstream(file / "token") << "Bearer abc\n";
  const auto settings = [&](const std::string& value) {
    return "{" + url("ws", "127.0.0.1", broker.port()) + ", websocket: {headers: [{name: Authorization, " + value +
           "}]}}";
  };
  run(settings("value_file: " + (file / "token").string()));
  EXPECT_TRUE(loop_.run_until(
      [&] { return broker.received().find("\r\nAuthorization: Bearer abc\r\n") != std::string::npos; }));
  EXPECT_EQ(text::without_secrets("the token abc is too old"), "the token [secret] is too old");
  std::ofstream(file / "token") << "Bearer abc\r\nX-Other: d\n";
  EXPECT_THAT(run(settings("value_file: " + (file / "token").string())).loss(),
              AllOf(HasSubstr("Authorization has a character"), Not(HasSubstr("abc"))));
}

TEST_F(MqttConnectionTest, SpeaksWebSocket) {
  const MosquittoBroker broker({.tls = true});
  const std::string tls = ", tls: {ca_file: " + broker.ca_file().string() + "}";
  for (const std::string& settings : {"{" + url("ws", "localhost", broker.websocket_port()) + "}",
                                      "{" + url("wss", "localhost", broker.secure_websocket_port()) + tls + "}"}) {
    auto& sink = run(settings);
    ASSERT_TRUE(sink.connected()) << settings << ": " << sink.loss();
    EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", std::string(100'000, 'x'))).kind, delivered) << settings;
    EXPECT_TRUE(sink.close());
  }
}

}  // namespace
}  // namespace pbxbridge::test
