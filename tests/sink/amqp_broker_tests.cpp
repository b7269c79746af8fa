// Answers of a RabbitMQ to messages and logins, its certificate, and what the sink makes of them.

#include "sink/amqp/amqp_settings.hpp"
#include "sink/amqp/amqp_sink.hpp"
#include "sink/conformance.hpp"
#include "sink/mqtt_delivery.hpp"
#include "sink/rabbitmq_broker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

/// Named so that ctest finds them with the broker.
class Amqp_on_rabbitmq : public testing::Test {
 protected:
  Amqp_on_rabbitmq() { client_.make_exchange(exchange_); }

  /// A new queue for the messages to the exchange whose routing keys match.
  std::string make_queue(const std::string& key, int most = 0) {
    const std::string queue = RabbitMqBroker::new_name();
    client_.make_queue(queue, most);
    client_.bind(queue, exchange_, key);
    return queue;
  }
  static std::string plain(const RabbitMqBroker& broker, const std::string& password = "guest") {
    return "url: 'amqp://127.0.0.1:" + std::to_string(broker.port()) + "', password: " + password;
  }
  std::string plain(const std::string& password = "guest") const { return plain(broker_, password); }
  std::string tls(const std::string& host) {
    return "url: 'amqps://" + host + ":" + std::to_string(broker_.tls_port()) + "', password: guest";
  }

  /// Returns whether it is connected.
  bool connect(const std::string& yaml) {
    settings_ = settings_of(sink::amqp_sink_type, "{type: amqp, exchange: " + exchange_ + ", " + yaml + "}");
    sink_ = sink::amqp_sink_type.make(*settings_, {"board", loop_.executor(), observer_});
    sink_->connect();
    EXPECT_TRUE(loop_.run_until([&] { return !observer_.connections.empty() || !observer_.losses.empty(); }, 30s));
    return !observer_.connections.empty();
  }
  void deliver(std::uint64_t token, const std::string& topic, const std::string& payload = "{}",
               const std::optional<std::string>& exchange = std::nullopt) {
    auto options = std::make_shared<sink::AmqpOptions>();
    options->exchange = exchange;
    EXPECT_TRUE(observer_.deliver(
        *sink_,
        {.token = token, .event = make_event(payload), .topic = topic, .key = {}, .options = std::move(options)}));
    sink_->flush();
  }
  Outcome outcome_of(std::uint64_t token) {
    EXPECT_TRUE(loop_.run_until([&] { return observer_.outcomes.contains(token) || !observer_.losses.empty(); }, 30s));
    return observer_.outcomes.contains(token) ? observer_.outcomes.at(token) : Outcome::reject("(no outcome)");
  }
  Error loss() {
    EXPECT_TRUE(loop_.run_until([&] { return !observer_.losses.empty(); }, 30s));
    return observer_.losses.empty() ? Error() : observer_.losses.front();
  }
  bool close() {
    bool closed = false;
    sink_->close(5s, [&] { closed = true; });
    return loop_.run_until([&] { return closed; }, 10s);
  }

  RabbitMqBroker& broker_ = RabbitMqBroker::shared();
  AmqpTestClient client_{broker_.port()};
  const std::string exchange_ = RabbitMqBroker::new_name();
  EventLoop loop_;
  RecordingObserver observer_;
  std::shared_ptr<const SinkSettings> settings_;
  std::unique_ptr<Sink> sink_;
};

constexpr auto delivered = Outcome::Kind::delivered;
constexpr auto retry = Outcome::Kind::retry;

TEST_F(Amqp_on_rabbitmq, WritesPersistentMessagesWithAttributes) {
  const auto queue = make_queue("#");
  ASSERT_TRUE(connect(plain()));
  EXPECT_THAT(observer_.connections, Contains(AllOf(HasSubstr("RabbitMQ 3."), HasSubstr("virtual host /"))));
  deliver(1, "pbx.queue", R"({"n":1})");
  EXPECT_EQ(outcome_of(1).kind, delivered);
  const auto arrived = client_.take_all(queue);
  ASSERT_THAT(arrived, SizeIs(1));
  EXPECT_EQ(arrived[0].routing_key, "pbx.queue");
  EXPECT_EQ(arrived[0].payload, R"({"n":1})");
  EXPECT_EQ(arrived[0].content_type, "application/json");
  EXPECT_EQ(arrived[0].id, make_event("")->id());
  EXPECT_TRUE(arrived[0].is_persistent);
  EXPECT_THAT(arrived[0].headers, AllOf(Contains(Pair("cloudEvents_id", arrived[0].id)),
                                        Contains(Pair("cloudEvents_type", "com.portsip.pbx.queue_status"))));
  EXPECT_TRUE(close());
}

TEST_F(Amqp_on_rabbitmq, TriesAgainWhatNoQueueTakes) {
  const auto queue = make_queue("pbx.call");
  ASSERT_TRUE(connect(plain()));
  deliver(1, "pbx.call");
  deliver(2, "pbx.queue");
  deliver(3, "pbx.call");
  EXPECT_EQ(outcome_of(2).kind, retry);
  EXPECT_THAT(outcome_of(2).peer_words, HasSubstr("NO_ROUTE (312)"));
  EXPECT_EQ(outcome_of(1).kind, delivered);
  EXPECT_EQ(outcome_of(3).kind, delivered);
  EXPECT_THAT(client_.take_all(queue), SizeIs(2));
}

TEST_F(Amqp_on_rabbitmq, LetsTheBrokerDropWhatNoQueueTakesWhereThatIsAllowed) {
  ASSERT_TRUE(connect(plain() + ", mandatory: false"));
  deliver(1, "pbx.queue");
  EXPECT_EQ(outcome_of(1).kind, delivered);
}

TEST_F(Amqp_on_rabbitmq, TriesAgainWhatAFullQueueRejects) {
  const auto queue = make_queue("pbx.queue", 2);
  ASSERT_TRUE(connect(plain()));
  for (std::uint64_t token = 1; token <= 4; ++token) {
    deliver(token, "pbx.queue");
    EXPECT_EQ(outcome_of(token).kind, token <= 2 ? delivered : retry) << token;
  }
  EXPECT_THAT(outcome_of(4).reason, HasSubstr("basic.nack"));
  EXPECT_THAT(client_.take_all(queue), SizeIs(2));
  deliver(5, "pbx.queue");
  EXPECT_EQ(outcome_of(5).kind, delivered);
}

TEST_F(Amqp_on_rabbitmq, WaitsForAnExchangeThatAppearsLaterAndHoldsUpNoOther) {
  const auto queue = make_queue("#");
  ASSERT_TRUE(connect(plain()));
  const std::string later = RabbitMqBroker::new_name();
  deliver(1, "pbx.queue", "{}", later);
  deliver(2, "pbx.queue");
  EXPECT_EQ(outcome_of(1).kind, retry);
  EXPECT_THAT(outcome_of(1).peer_words, HasSubstr("no exchange '" + later + "' in vhost '/'"));
  EXPECT_EQ(outcome_of(2).kind, delivered);
  client_.make_exchange(later);
  client_.bind(queue, later, "#");
  std::uint64_t token = 3;
  EXPECT_TRUE(loop_.run_until(
      [&] {
        if (observer_.in_flight() > 0) return false;
        if (observer_.outcomes.rbegin()->first > 2 && observer_.outcomes.rbegin()->second.kind == delivered)
          return true;
        deliver(token++, "pbx.queue", "{}", later);
        return false;
      },
      20s));
  EXPECT_THAT(observer_.losses, IsEmpty());
}

TEST_F(Amqp_on_rabbitmq, GoesToAQueueByTheDefaultExchange) {
  const auto queue = make_queue("#");
  ASSERT_TRUE(connect(plain()));
  deliver(1, queue, "{}", "");
  EXPECT_EQ(outcome_of(1).kind, delivered);
  EXPECT_THAT(client_.take_all(queue), SizeIs(1));
}

/// It closes the channel, without a word on which message: the core finds that out.
TEST_F(Amqp_on_rabbitmq, SaysThatAMessageMayBeWhyTheBrokerEndsIt) {
  ASSERT_TRUE(connect(plain()));
  deliver(1, "pbx.queue", std::string(RabbitMqBroker::largest_payload + 1, 'x'));
  const Error error = loss();
  EXPECT_TRUE(error.hung_up_at.has_value());
  EXPECT_THAT(error.text, HasSubstr("closed the channel (code 406)"));
  EXPECT_THAT(error.peer_words, HasSubstr("PRECONDITION_FAILED"));
}

/// Every event would become a dead letter if each were suspected in turn.
TEST_F(Amqp_on_rabbitmq, SuspectsNoMessageWhereTheAccountMayNotWriteToTheExchange) {
  // Both, for RabbitMQ 3.10 takes one for the other.
  const RabbitMqBroker forbidding(
      "default_permissions.configure = .*\ndefault_permissions.read = ^amq\ndefault_permissions.write = ^amq\n");
  AmqpTestClient(forbidding.port()).make_exchange(exchange_);
  ASSERT_TRUE(connect(plain(forbidding)));
  deliver(1, "pbx.queue");
  const Error error = loss();
  EXPECT_FALSE(error.hung_up_at.has_value());
  EXPECT_THAT(error.text, HasSubstr("closed the channel (code 403)"));
  EXPECT_THAT(error.peer_words, AllOf(HasSubstr("access to exchange '" + exchange_ + "'"), HasSubstr("refused")));
}

TEST_F(Amqp_on_rabbitmq, SaysWhyALoginIsRejected) {
  EXPECT_FALSE(connect(plain("wrong")));
  EXPECT_TRUE(loss().account_rejected);
  EXPECT_THAT(loss().text, HasSubstr("at the login (code 403)"));
  EXPECT_THAT(loss().peer_words, HasSubstr("ACCESS_REFUSED"));
}

TEST_F(Amqp_on_rabbitmq, SaysThatThereIsNoSuchVirtualHost) {
  EXPECT_FALSE(connect(plain() + ", virtual_host: other"));
  EXPECT_THAT(loss().text + loss().peer_words, AllOf(HasSubstr("530"), HasSubstr("vhost other not found")));
}

TEST_F(Amqp_on_rabbitmq, VerifiesTheCertificateAndItsName) {
  const std::string authority = ", tls: {ca_file: " + broker_.ca_file().string() + "}";
  make_queue("#");
  ASSERT_TRUE(connect(tls("localhost") + authority));
  deliver(1, "pbx.queue", std::string(100'000, 'x'));
  EXPECT_EQ(outcome_of(1).kind, delivered);
  EXPECT_TRUE(close());
}

TEST_F(Amqp_on_rabbitmq, RejectsACertificateForAnotherName) {
  EXPECT_FALSE(connect(tls("127.0.0.1") + ", tls: {ca_file: " + broker_.ca_file().string() + "}"));
  EXPECT_EQ(loss().category, ErrorCategory::tls);
  EXPECT_THAT(loss().text,
              HasSubstr("its certificate is not made out to 127.0.0.1 (url must have a name that it has)"));
}

TEST_F(Amqp_on_rabbitmq, RejectsACertificateOfAnotherAuthority) {
  EXPECT_FALSE(connect(tls("localhost")));
  EXPECT_EQ(loss().category, ErrorCategory::tls);
  EXPECT_THAT(loss().text, HasSubstr("its certificate is not trusted"));
}

TEST_F(Amqp_on_rabbitmq, TakesAnyCertificateWhereThatIsAskedFor) {
  EXPECT_TRUE(connect(tls("127.0.0.1") + ", tls: {insecure_skip_verify: true}"));
}

/// The account of a broker that knows `guest` alone is the common name of the client's certificate.
TEST_F(Amqp_on_rabbitmq, LogsInByTheClientCertificate) {
  const RabbitMqBroker broker(
      "auth_mechanisms.1 = EXTERNAL\nauth_mechanisms.2 = PLAIN\nssl_options.verify = verify_peer\n"
      "ssl_options.fail_if_no_peer_cert = false\nssl_cert_login_from = common_name\n",
      "rabbitmq_auth_mechanism_ssl");
  AmqpTestClient client(broker.port());
  client.make_exchange(exchange_);
  client.make_queue("calls");
  client.bind("calls", exchange_, "#");
  const auto external = [&](const std::string& name) {
    return "url: 'amqps://localhost:" + std::to_string(broker.tls_port()) +
           "', sasl_mechanism: EXTERNAL, tls: {ca_file: " + broker.ca_file().string() + ", " +
           broker.client_certificate(name) + "}";
  };
  ASSERT_TRUE(connect(external("guest"))) << loss().text;
  deliver(1, "pbx.queue");
  EXPECT_EQ(outcome_of(1).kind, delivered);
  EXPECT_TRUE(close());
  EXPECT_THAT(client.take_all("calls"), SizeIs(1));

  observer_.connections.clear();
  EXPECT_FALSE(connect(external("stranger")));
  EXPECT_TRUE(loss().account_rejected);
  EXPECT_THAT(loss().peer_words, HasSubstr("ACCESS_REFUSED"));
}

TEST_F(Amqp_on_rabbitmq, SaysThatTheBrokerOffersNoLoginByCertificate) {
  EXPECT_FALSE(connect("url: 'amqps://localhost:" + std::to_string(broker_.tls_port()) +
                       "', sasl_mechanism: EXTERNAL, tls: {ca_file: " + broker_.ca_file().string() + ", " +
                       broker_.client_certificate("guest") + "}"));
  EXPECT_TRUE(loss().account_rejected);
  EXPECT_THAT(loss().text, AllOf(HasSubstr("does not offer SASL EXTERNAL"), HasSubstr("rabbitmq_auth_mechanism_ssl")));
}

TEST_F(Amqp_on_rabbitmq, CountsAFrozenBrokerAsLost) {
  ASSERT_TRUE(connect(plain() + ", ack_timeout: 1s"));
  broker_.freeze();
  deliver(1, "pbx.queue");
  EXPECT_THAT(loss().text, HasSubstr("has confirmed nothing for 1000 ms"));
  EXPECT_FALSE(loss().hung_up_at.has_value());
  broker_.thaw();
}

TEST_F(Amqp_on_rabbitmq, MissesTheHeartbeatsOfAFrozenBroker) {
  ASSERT_TRUE(connect(plain() + ", heartbeat: 1s"));
  broker_.freeze();
  EXPECT_THAT(loss().text, HasSubstr("eartbeat"));
  EXPECT_FALSE(loss().hung_up_at.has_value());
  broker_.thaw();
}

/// It reads nothing more then, and that is no reason to connect again.
TEST_F(Amqp_on_rabbitmq, WaitsForABrokerThatIsLowOnDisk) {
  const RabbitMqBroker full("disk_free_limit.absolute = 900000GB\n");
  AmqpTestClient(full.port()).make_exchange(exchange_);
  ASSERT_TRUE(connect(plain(full) + ", ack_timeout: 1s"));
  deliver(1, "pbx.queue");
  EXPECT_TRUE(loop_.run_until([&] { return !observer_.notices.empty(); }, 30s));
  EXPECT_THAT(observer_.notices, Contains(AllOf(HasSubstr("takes no messages for now"), HasSubstr("low on disk"))));
  loop_.run_for(3s);
  EXPECT_THAT(observer_.losses, IsEmpty());
  EXPECT_FALSE(observer_.outcomes.contains(1));
  EXPECT_TRUE(close());
}

}  // namespace
}  // namespace pbxbridge::test
