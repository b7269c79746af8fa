#include "pbxbridge/config/document.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/mqtt_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  std::shared_ptr<const MqttSettings> settings;
  std::vector<std::string> errors;
};

/// Does what the start does: an `https_proxy` of the user who runs the tests is none of theirs.
void clear_environment_once() {
  static const bool done = (mqtt_sink_type.before_threads(), true);
  static_cast<void>(done);
}

Read read(const std::string& yaml) {
  clear_environment_once();
  config::Report report;
  const auto node = config::parse_document(yaml, report);
  Read read{std::dynamic_pointer_cast<const MqttSettings>(mqtt_sink_type.read(node.value(), report)), {}};
  for (const auto& problem : report.problems())
    if (!problem.warning) read.errors.push_back(problem.text);
  return read;
}

TEST(MqttSettings, HasDefaultsThatNeedOnlyAUrl) {
  const auto [settings, errors] = read("{type: mqtt, url: 'mqtt://mosquitto'}");
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(settings->endpoint().host, "mosquitto");
  EXPECT_EQ(settings->endpoint().port, 1883);
  EXPECT_EQ(settings->version, mqtt::Version::v5);
  EXPECT_EQ(settings->qos, 1);
  EXPECT_EQ(settings->format, Format::raw);
  EXPECT_FALSE(settings->tls.insecure_skip_verify);
}

TEST(MqttSettings, KnowsThePortOfEachScheme) {
  EXPECT_EQ(read("url: mqtts://b").settings->endpoint().port, 8883);
  EXPECT_EQ(read("url: ws://b").settings->endpoint().port, 80);
  EXPECT_EQ(read("url: wss://b/mqtt").settings->endpoint().port, 443);
  EXPECT_EQ(read("url: wss://b:9001/mqtt").settings->endpoint().port, 9001);
}

TEST(MqttSettings, KnowsTlsAndWebSocketByTheScheme) {
  EXPECT_FALSE(read("url: mqtt://b").settings->uses_tls());
  EXPECT_TRUE(read("url: mqtts://b").settings->uses_tls());
  EXPECT_TRUE(read("url: wss://b").settings->uses_tls());
  EXPECT_TRUE(read("url: wss://b").settings->uses_websocket());
  EXPECT_TRUE(read("url: ws://b").settings->uses_websocket());
  EXPECT_FALSE(read("url: mqtts://b").settings->uses_websocket());
  EXPECT_TRUE(read("url: MQTTS://b").settings->uses_tls());
  EXPECT_TRUE(read("url: WSS://b").settings->uses_websocket());
  EXPECT_FALSE(read("url: ws://b").settings->uses_tls());
}

TEST(MqttSettings, ReadsTheVersionAsItIsWritten) {
  EXPECT_EQ(read("{url: 'mqtt://b', version: 3.1.1}").settings->version, mqtt::Version::v3_1_1);
  EXPECT_EQ(read("{url: 'mqtt://b', version: \"5\"}").settings->version, mqtt::Version::v5);
  EXPECT_THAT(read("{url: 'mqtt://b', version: 4}").errors, ElementsAre(HasSubstr("version")));
}

TEST(MqttSettings, RejectsUrlsThatAreNoBrokers) {
  EXPECT_THAT(read("{}").errors, ElementsAre(HasSubstr("url")));
  EXPECT_THAT(read("url: http://b").errors, ElementsAre(HasSubstr("scheme")));
  EXPECT_THAT(read("url: mqtt://b/path").errors, ElementsAre(HasSubstr("path")));
  EXPECT_THAT(read("url: mqtt://user:secret@b").errors, ElementsAre(testing::Not(HasSubstr("secret"))));
}

TEST(MqttSettings, RejectsCloudEventsAttributesInMqtt311) {
  EXPECT_THAT(read("{url: 'mqtt://b', version: 3.1.1, format: cloudevents}").errors,
              ElementsAre(HasSubstr("cloudevents needs MQTT 5")));
  EXPECT_THAT(read("{url: 'mqtt://b', version: 3.1.1, format: cloudevents_structured}").errors, IsEmpty());
}

TEST(MqttSettings, RejectsPropertiesInMqtt311) {
  EXPECT_THAT(read("{url: 'mqtt://b', version: 3.1.1, message_expiry: 1h}").errors,
              ElementsAre(HasSubstr("message_expiry")));
}

std::vector<std::string> problems_of_route(const std::string& sink, const std::string& destination) {
  config::Report report;
  const auto node = config::parse_document("\n" + destination, report);
  const auto options = mqtt_sink_type.read_options(*node, *read(sink).settings, {.are_errors = false}, report);
  EXPECT_NE(options, nullptr);
  std::vector<std::string> problems;
  for (const auto& problem : report.problems()) {
    EXPECT_EQ(problem.location.line, 2);
    problems.push_back((problem.warning ? "warning: " : "error: ") + problem.text);
  }
  return problems;
}

TEST(MqttSettings, RejectsARouteThatWantsCloudEventsAttributesInMqtt311) {
  EXPECT_THAT(problems_of_route("{url: 'mqtt://b', version: 3.1.1}", "format: cloudevents"),
              ElementsAre(HasSubstr("error: format: cloudevents needs MQTT 5")));
  EXPECT_THAT(problems_of_route("url: mqtt://b", "format: cloudevents"), IsEmpty());
  EXPECT_THAT(problems_of_route("{url: 'mqtt://b', version: 3.1.1}", "format: cloudevents_structured"), IsEmpty());
}

TEST(MqttSettings, WarnsOfARoutesPropertiesThatMqtt311DoesNotHave) {
  const std::string options = "{qos: 2, retain: true, message_expiry: 60s, content_type: text/plain}";
  EXPECT_THAT(problems_of_route("{url: 'mqtt://b', version: 3.1.1}", options),
              ElementsAre(HasSubstr("warning: \"content_type\""), HasSubstr("warning: \"message_expiry\"")));
  EXPECT_THAT(problems_of_route("url: mqtt://b", options), IsEmpty());
}

TEST(MqttSettings, ChecksWhatARouteSays) {
  EXPECT_THAT(problems_of_route("url: mqtt://b", "qos: 3"), ElementsAre(HasSubstr("error: qos")));
  EXPECT_THAT(problems_of_route("url: mqtt://b", "message_expiry: 1500ms"),
              ElementsAre(HasSubstr("expected whole seconds")));
  EXPECT_THAT(problems_of_route("url: mqtt://b", "content_type: \"a\\a\""),
              ElementsAre(HasSubstr("content_type: has a control character")));
}

TEST(MqttSettings, RejectsTlsSettingsThatWouldDoNothing) {
  EXPECT_THAT(read("{url: 'mqtt://b', tls: {insecure_skip_verify: true}}").errors, ElementsAre(HasSubstr("mqtts")));
  EXPECT_THAT(read("{url: 'mqtts://b', tls: {server_name: c}}").errors, IsEmpty());
}

TEST(MqttSettings, RejectsAPrefixThatIsNoTopic) {
  EXPECT_THAT(read("{url: 'mqtt://b', prefix: 'a/#'}").errors, ElementsAre(HasSubstr("wildcard")));
  EXPECT_THAT(read("{url: 'mqtt://b', prefix: ''}").errors, IsEmpty());
}

TEST(MqttSettings, RejectsTextsThatMqttCannotCarry) {
  const std::string long_text(65'536, 'x');
  for (const std::string field :
       {"client_id: ", "username: ", "content_type: ", "prefix: ", "user_properties: {site: "}) {
    const std::string end = field.ends_with("{site: ") ? "}}" : "}";
    EXPECT_THAT(read("{url: 'mqtt://b', " + field + long_text + end).errors, ElementsAre(HasSubstr("long"))) << field;
    for (const std::string character : {"\\a", "\\x85", "\\uFFFE", "\\U0001FFFF"})
      EXPECT_THAT(read("{url: 'mqtt://b', " + field + "\"a" + character + "\"" + end).errors,
                  ElementsAre(AnyOf(HasSubstr("control character"), HasSubstr("out of interchange"))))
          << field << character;
  }
}

TEST(MqttSettings, RejectsNamesOfPropertiesThatMqttCannotCarry) {
  EXPECT_THAT(read("{url: 'mqtt://b', user_properties: {\"a\\0\": b}}").errors,
              ElementsAre(HasSubstr("control character")));
}

TEST(MqttSettings, ReadsWhatABrokerIsKnownToTake) {
  const auto [settings, errors] =
      read("{url: 'mqtts://b', limits: {topic_bytes: 256, topic_levels: 8, packet_size: 128KiB}}");
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(settings->topic_limits().bytes, 256U);
  EXPECT_EQ(settings->topic_limits().levels, 8U);
  EXPECT_EQ(settings->limits.packet_size->bytes, 131'072U);
  EXPECT_EQ(read("url: mqtt://b").settings->topic_limits().levels, TopicLimits::none);
}

TEST(MqttSettings, DelaysTheWillOnlyWhereTheBrokerCan) {
  const std::string possible = "url: 'mqtt://b', will_delay: 10s";
  EXPECT_THAT(read("{" + possible + ", client_id: a, clean_start: false, session_expiry: 10s}").errors, IsEmpty());
  EXPECT_THAT(read("{" + possible + ", clean_start: false, session_expiry: 10s}").errors,
              ElementsAre(HasSubstr("needs a client_id")));
  EXPECT_THAT(read("{" + possible + ", client_id: a, session_expiry: 10s}").errors,
              ElementsAre(HasSubstr("clean_start: false")));
  EXPECT_THAT(read("{" + possible + ", client_id: a, clean_start: false, session_expiry: 9s}").errors,
              ElementsAre(HasSubstr("session_expiry that is no shorter")));
  EXPECT_THAT(read("{" + possible + ", client_id: a, clean_start: false}").errors,
              ElementsAre(HasSubstr("session_expiry that is no shorter")));
  EXPECT_THAT(read("{url: 'mqtt://b', version: 3.1.1, session_expiry: 10s}").errors,
              ElementsAre(HasSubstr("exists in MQTT 5 only")));
}

TEST(MqttSettings, RejectsHeadersThatHttpOrTheHandshakeDoesNotAllow) {
  const auto errors_of = [](const std::string& header) {
    return read("{url: 'wss://b', websocket: {headers: [" + header + "]}}").errors;
  };
  EXPECT_THAT(errors_of("{name: Authorization, value: 'Bearer x'}"), IsEmpty());
  EXPECT_THAT(errors_of("{name: \"A\\r\\nB\", value: x}"), ElementsAre(HasSubstr("is not the name of an HTTP header")));
  EXPECT_THAT(errors_of("{name: 'A:', value: x}"), ElementsAre(HasSubstr("is not the name of an HTTP header")));
  for (const std::string own : {"host", "Upgrade", "sec-websocket-key"})
    EXPECT_THAT(errors_of("{name: " + own + ", value: x}"), ElementsAre(HasSubstr("set by the handshake itself")));
  EXPECT_THAT(errors_of("{name: Authorization}"), ElementsAre(HasSubstr("has no value")));
  EXPECT_THAT(read("{url: 'mqtts://b', websocket: {headers: [{name: A, value: x}]}}").errors,
              ElementsAre(HasSubstr("ws or wss")));
}

TEST(MqttSettings, RejectsAlpnProtocolsThatTlsCannotCarry) {
  EXPECT_THAT(read("{url: 'mqtts://b', tls: {alpn: [x-amzn-mqtt-ca, mqtt]}}").errors, IsEmpty());
  EXPECT_THAT(read("{url: 'mqtts://b', tls: {alpn: ['']}}").errors, ElementsAre(HasSubstr("1 to 255 bytes")));
  EXPECT_THAT(read("{url: 'mqtts://b', tls: {alpn: [" + std::string(256, 'x') + "]}}").errors,
              ElementsAre(HasSubstr("1 to 255 bytes")));
}

TEST(MqttSettings, RejectsWhatPahoCannotDo) {
  const auto errors_of = [](const std::string& more) {
    return read("{url: 'wss://b', client: paho" + more + "}").errors;
  };
  EXPECT_THAT(errors_of(""), IsEmpty());
  EXPECT_THAT(errors_of(", qos: 2"), IsEmpty());
  EXPECT_THAT(errors_of(", tls: {ca_file: /ca, alpn: [mqtt]}, client_id: board, prefix: p, clean_start: false, "
                        "session_expiry: 1m, will_delay: 10s, websocket: {headers: [{name: A, value: x}]}"),
              IsEmpty());
  const std::pair<std::string, std::string> rows[] = {
      {", qos: 2, clean_start: false", "qos: 2 with client: paho needs clean_start: true"},
      {", tls: {server_name: other}", "tls.server_name: client: paho verifies the name in url alone"},
      {", client_id: 'a b'", "without spaces"},
      {", client_id: " + std::string(129, 'x'), "at most 128 bytes"},
      {", connect_timeout: 2s", "connect_timeout: client: paho takes more than a second"},
      {", websocket: {headers: [{name: a, value: x}, {name: A, value: y}]}", "two headers of one name"},
  };
  for (const auto& [more, error] : rows) {
    EXPECT_THAT(errors_of(more), ElementsAre(HasSubstr(error))) << more;
    EXPECT_THAT(read("{url: 'wss://b'" + more + "}").errors, IsEmpty()) << "the native client can: " << more;
  }
}

/// A reload that brings the first sink of this type: threads are running, and the environment stays as it is.
TEST(MqttSettings, RejectsPahoWhereTheEnvironmentHasWhatItWouldObey) {
  clear_environment_once();
  const std::string paho = "{url: 'mqtt://b', client: paho}";
  for (const char* variable : {"http_proxy", "https_proxy", "MQTT_C_CLIENT_TRACE", "MQTT_C_CLIENT_TRACE_LEVEL"}) {
    ASSERT_EQ(::setenv(variable, "http://127.0.0.1:9", 1), 0);
    EXPECT_THAT(read(paho).errors, ElementsAre(HasSubstr(std::string("the environment's ") + variable)));
    EXPECT_THAT(read("{url: 'mqtt://b'}").errors, IsEmpty()) << "the native client obeys none";
    mqtt_sink_type.before_threads();
    EXPECT_THAT(read(paho).errors, IsEmpty()) << variable;
  }
}

TEST(MqttSettings, RejectsARoutesQosThatPahoCannotDo) {
  const std::string paho = "{url: 'mqtt://b', client: paho, clean_start: ";
  EXPECT_THAT(problems_of_route(paho + "false}", "{qos: 2}"), ElementsAre(HasSubstr("needs clean_start: true")));
  EXPECT_THAT(problems_of_route(paho + "true}", "{qos: 2}"), IsEmpty());
  EXPECT_THAT(problems_of_route("{url: 'mqtt://b', clean_start: false}", "{qos: 2}"), IsEmpty());
}

TEST(MqttSettings, RejectsAQosThatMqttDoesNotHave) {
  EXPECT_THAT(read("{url: 'mqtt://b', qos: 3}").errors, ElementsAre(HasSubstr("qos")));
}

}  // namespace
}  // namespace pbxbridge::sink
