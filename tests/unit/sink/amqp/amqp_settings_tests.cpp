#include "pbxbridge/config/document.hpp"
#include "sink/amqp/amqp_settings.hpp"
#include "sink/amqp/amqp_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::sink {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  std::shared_ptr<const AmqpSettings> settings;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

Read read(const std::string& yaml) {
  config::Report report;
  const auto node = config::parse_document(yaml, report);
  Read read{std::dynamic_pointer_cast<const AmqpSettings>(amqp_sink_type.read(node.value(), report)), {}, {}};
  for (const auto& problem : report.problems()) (problem.warning ? read.warnings : read.errors).push_back(problem.text);
  return read;
}

TEST(AmqpSettings, NeedsAUrlAlone) {
  const auto [settings, errors, warnings] = read("{type: amqp, url: 'amqp://rabbitmq'}");
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(settings->endpoint().port, 5672);
  EXPECT_FALSE(settings->uses_tls());
  EXPECT_EQ(settings->exchange, "amq.topic");
  EXPECT_TRUE(settings->mandatory);
  EXPECT_EQ(read("url: amqps://b").settings->endpoint().port, 5671);
  EXPECT_TRUE(read("url: AMQPS://b:1").settings->uses_tls());
}

TEST(AmqpSettings, RejectsWhatIsNoBroker) {
  EXPECT_THAT(read("url: mqtt://b").errors, ElementsAre(HasSubstr("must be amqp or amqps")));
  EXPECT_THAT(read("url: amqp://b/calls").errors, ElementsAre(HasSubstr("named in virtual_host")));
  EXPECT_THAT(read("url: 'amqp://user:secret@b'").errors,
              ElementsAre(AllOf(HasSubstr("url"), testing::Not(HasSubstr("secret")))));
}

TEST(AmqpSettings, RejectsNamesThatAmqpCannotCarry) {
  const std::string longest(255, 'x');
  EXPECT_THAT(read("{url: amqp://b, exchange: " + longest + "}").errors, IsEmpty());
  EXPECT_THAT(read("{url: amqp://b, exchange: " + longest + "x}").errors, ElementsAre(HasSubstr("255 bytes")));
  EXPECT_THAT(read("{url: amqp://b, virtual_host: " + longest + "x}").errors, ElementsAre(HasSubstr("255 bytes")));
  EXPECT_THAT(read("{url: amqp://b, exchange: ''}").errors, IsEmpty()) << "the default exchange";
}

TEST(AmqpSettings, KeepsThePasswordOffANetworkThatCanBeRead) {
  EXPECT_THAT(read("{url: amqp://b, password: x}").warnings, ElementsAre(HasSubstr("in clear text")));
  EXPECT_THAT(read("{url: amqps://b, password: x}").warnings, IsEmpty());
  EXPECT_THAT(read("{url: amqp://127.0.0.1, password: x}").warnings, IsEmpty());
}

TEST(AmqpSettings, RejectsTlsThatWouldDoNothing) {
  EXPECT_THAT(read("{url: amqp://b, tls: {ca_file: /ca}}").errors, ElementsAre(HasSubstr("use amqps")));
  EXPECT_THAT(read("{url: amqps://b, tls: {server_name: other}}").errors,
              ElementsAre(AllOf(HasSubstr("server_name"), HasSubstr("librabbitmq"))));
}

TEST(AmqpSettings, ALoginByCertificateNeedsOneAndNoPassword) {
  const std::string external = "{url: amqps://b, sasl_mechanism: EXTERNAL, ";
  const std::string certificate = "tls: {cert_file: /c, key_file: /k}";
  EXPECT_EQ(read("url: amqps://b").settings->sasl_mechanism, AmqpSaslMechanism::plain);
  EXPECT_THAT(read(external + certificate + "}").errors, IsEmpty());
  EXPECT_THAT(read(external + "tls: {}}").errors, ElementsAre(HasSubstr("tls.cert_file")));
  EXPECT_THAT(read("{url: amqp://b, sasl_mechanism: EXTERNAL}").errors, ElementsAre(HasSubstr("use amqps")));
  EXPECT_THAT(read(external + certificate + ", username: a}").errors, IsEmpty());
  EXPECT_THAT(read(external + certificate + ", password: b}").errors,
              ElementsAre(HasSubstr("password: with EXTERNAL")));
  EXPECT_THAT(read(external + certificate + ", password_file: /p}").errors,
              Contains(HasSubstr("password: with EXTERNAL")));
  EXPECT_THAT(read("{url: amqps://b, sasl_mechanism: ANONYMOUS}").errors, ElementsAre(HasSubstr("EXTERNAL")));
}

TEST(AmqpSettings, ARouteNamesItsExchange) {
  config::Report report;
  const auto settings = read("url: amqp://b").settings;
  const auto destination = config::parse_document("{exchange: calls, format: raw}", report).value();
  const auto options = amqp_sink_type.read_options(destination, *settings, {}, report);
  EXPECT_FALSE(report.has_errors());
  EXPECT_EQ(dynamic_cast<const AmqpOptions&>(*options).exchange, "calls");
}

}  // namespace
}  // namespace pbxbridge::sink
