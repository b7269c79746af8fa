// SASL OAUTHBEARER with Authlib's authorization server and Apache Kafka, which checks the tokens' signatures.

#include "sink/kafka/oauth_token.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_broker.hpp"
#include "support/process.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class TokenEndpoint {
 public:
  explicit TokenEndpoint(std::chrono::seconds life, std::vector<std::string> certificate_and_key = {})
      : process_(command(life, std::move(certificate_and_key)), environment()) {
    if (const auto line = process_.wait_for_output("://", 60s)) url_ = *line;
    EXPECT_THAT(url_, Not(IsEmpty())) << process_.transcript();
  }

  const std::string& url() const { return url_; }
  std::string keys() const { return url_ + "/jwks"; }
  std::size_t tokens() const { return process_.output_lines().size() - 1; }
  /// Fields of `sasl`.
  std::string account(const std::string& secret = "open-sesame", const std::string& scope = "write") const {
    return "mechanism: OAUTHBEARER, token_endpoint: \"" + url_ +
           "/token\", client_id: bridge, client_secret: " + secret + ", scope: " + scope;
  }
  void freeze() { process_.freeze(); }
  void end() {
    process_.send_signal(SIGKILL);
    (void)process_.wait();
  }

 private:
  static std::vector<std::string> command(std::chrono::seconds life, std::vector<std::string> certificate_and_key) {
    std::vector<std::string> words = {PBXBRIDGE_SOURCE_DIRECTORY "/.cache/python/bin/python3",
                                      PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/token_endpoint.py",
                                      std::to_string(life.count())};
    words.insert(words.end(), certificate_and_key.begin(), certificate_and_key.end());
    return words;
  }
  static Process::Options environment() {
    Process::Options options;
    options.environment = {{"AUTHLIB_INSECURE_TRANSPORT", "1"}, {"PYTHONWARNINGS", "ignore"}};
    return options;
  }

  Process process_;
  std::string url_;
};

sink::SaslSettings sasl_settings(const std::string& fields) {
  const auto settings = kafka_settings("127.0.0.1:1", "sasl: {" + fields + "}\n");
  return *dynamic_cast<const sink::KafkaSettings&>(*settings).sasl;
}

Error failure(const std::string& fields) {
  const auto token = sink::fetch_oauth_token(sasl_settings(fields), [] { return false; });
  return token ? Error{ErrorCategory::internal, "a token"} : token.error();
}

TEST(KafkaOauth, EventsAreDeliveredWithTokensThatAreRefreshedBeforeTheyRunOut) {
  TokenEndpoint endpoint(5s);
  const KafkaBroker broker({.advertised = {}, .token_keys = endpoint.keys()});
  const std::string topic = fresh_topic_name();
  KafkaAdmin(broker.address()).create_topic(topic);
  EventLoop loop;
  RunningKafkaSink sink(loop, kafka_settings(broker.token_address(), "sasl: {" + endpoint.account() + "}\n"));
  ASSERT_TRUE(sink.connected());
  EXPECT_EQ(sink.outcome_of(kafka_delivery(1, topic, "{}")).kind, Outcome::Kind::delivered);
  EXPECT_TRUE(loop.run_until([&] { return endpoint.tokens() >= 3; }, 15s)) << endpoint.tokens();
  EXPECT_EQ(sink.outcome_of(kafka_delivery(2, topic, "{}")).kind, Outcome::Kind::delivered);
  EXPECT_THAT(sink.observer.notices, IsEmpty());

  endpoint.end();
  EXPECT_TRUE(loop.run_until([&] { return !sink.observer.notices.empty(); }, 15s));
  EXPECT_THAT(sink.observer.notices.front(), AllOf(HasSubstr("no token"), HasSubstr("Connection refused")));
}

TEST(KafkaOauth, ATokenThatTheBrokerDoesNotTakeEndsTheConnectionWithItsWords) {
  TokenEndpoint endpoint(300s), stranger(300s);
  const KafkaBroker broker({.advertised = {}, .token_keys = endpoint.keys()});
  EventLoop loop;
  RunningKafkaSink sink(loop, kafka_settings(broker.token_address(), "sasl: {" + stranger.account() + "}\n"));
  const Error loss = sink.loss();
  EXPECT_EQ(loss.category, ErrorCategory::rejected) << loss.text;
  EXPECT_THAT(loss.text, AllOf(HasSubstr(broker.token_address()), HasSubstr("uthentication")));
}

TEST(KafkaOauth, WithoutATokenTheReasonIsToldWithoutSecrets) {
  TokenEndpoint endpoint(300s);
  const Error wrong_secret = failure(endpoint.account("barley"));
  EXPECT_EQ(wrong_secret.category, ErrorCategory::rejected);
  EXPECT_THAT(wrong_secret.text, AllOf(HasSubstr("127.0.0.1:"), HasSubstr("invalid_client"), Not(HasSubstr("barley"))));
  EXPECT_THAT(failure(endpoint.account("open-sesame", "other")).text, HasSubstr("invalid_scope"));
  EventLoop loop;
  RunningKafkaSink sink(loop, kafka_settings("127.0.0.1:1", "sasl: {" + endpoint.account("barley") + "}\n"));
  EXPECT_THAT(sink.loss(10s).text, HasSubstr("invalid_client"));
  // A name that the mechanism has taken (RFC 7628, 3.1).
  RunningKafkaSink extended(
      loop, kafka_settings("127.0.0.1:1", "sasl: {" + endpoint.account() + ", extensions: {auth: x}}\n"));
  EXPECT_THAT(extended.loss(10s).text, HasSubstr("sasl.extensions"));

  endpoint.freeze();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(failure(endpoint.account()).text, HasSubstr("no answer within"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  endpoint.end();
  EXPECT_THAT(failure(endpoint.account()).text, HasSubstr("Connection refused"));
}

TEST(KafkaOauth, TheEndpointIsVerifiedByItsName) {
  const TemporaryDirectory directory;
  const std::string certificate = directory / "certificate.pem", key = directory / "key.pem";
  Process openssl({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-days", "2", "-subj", "/CN=endpoint", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                   "-out", certificate});
  ASSERT_EQ(openssl.wait(), 0) << openssl.transcript();
  TokenEndpoint endpoint(300s, {certificate, key});
  const std::string trusted = ", token_endpoint_tls: {ca_file: " + certificate;
  const auto token = sink::fetch_oauth_token(sasl_settings(endpoint.account() + trusted + "}"), [] { return false; });
  EXPECT_TRUE(token) << token.error().text;
  EXPECT_EQ(failure(endpoint.account()).category, ErrorCategory::tls);
  EXPECT_EQ(failure(endpoint.account() + trusted + ", server_name: login.example.com}").category, ErrorCategory::tls);
}

}  // namespace
}  // namespace pbxbridge::test
