// Messages of the MQTT sink on a real broker, seen by a consumer that is not our code.

#include "sink/mqtt_sink_fixture.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mosquitto_subscriber.hpp"
#include "support/process.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view queue_payload = R"({"event_type":"queue_status","queue_number":"8001"})";

class MqttMessage : public MqttSinkTest {
 protected:
  /// A connected sink without status topic, so that the subscriber sees the test's messages alone.
  void connect(const std::string& more = {}) {
    sink_.emplace(loop_, mqtt_settings("{url: 'mqtt://localhost:" + std::to_string(broker_.port()) + "', prefix: ''" +
                                       (more.empty() ? "" : ", " + more) + "}"));
    ASSERT_TRUE(sink_->connected()) << sink_->loss();
  }
  /// Delivers one event and returns the message that came of it.
  ReceivedMessage send(const MqttWishes& options = {}, std::string_view bytes = queue_payload) {
    const auto outcome = sink_->outcome_of(make_delivery(++token_, "pbx/hq/queue", bytes, options));
    EXPECT_EQ(outcome.kind, Outcome::Kind::delivered) << outcome.reason;
    const auto received = subscriber_.wait_for(token_);
    return received.size() == token_ ? received.back() : ReceivedMessage{};
  }

  MosquittoBroker broker_;
  MosquittoSubscriber subscriber_{broker_};
  std::optional<RunningSink> sink_;
  std::size_t token_ = 0;
};

TEST_F(MqttMessage, HoldsTheBytesOfEverySample) {
  connect();
  std::vector<std::string> samples = {"", "no JSON at all", std::string("\0\xff\xfe{", 4), std::string(200'000, 'x')};
  for (const auto& file : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events")) {
    std::ifstream stream(file.path(), std::ios::binary);
    samples.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  ASSERT_GE(samples.size(), 22U);
  for (const auto& sample : samples) EXPECT_EQ(send({}, sample).payload, sample);
}

TEST_F(MqttMessage, HasTopicQosAndContentTypeOfTheSink) {
  connect("qos: 2, retain: true, message_expiry: 90s, user_properties: {site: berlin}");
  const auto message = send();
  EXPECT_EQ(message.topic, "pbx/hq/queue");
  EXPECT_EQ(message.qos, 2);
  EXPECT_TRUE(message.retain);
  EXPECT_EQ(message.content_type, "application/json");
  EXPECT_EQ(message.message_expiry, 90U);
  EXPECT_THAT(message.user_properties, testing::ElementsAre(testing::Pair("site", "berlin")));
}

TEST_F(MqttMessage, HasWhatItsRouteSaysInstead) {
  connect("qos: 2, retain: true, message_expiry: 90s");
  const auto message =
      send({.format = {}, .qos = 0, .retain = false, .message_expiry = 7s, .content_type = "text/x-pbx"});
  EXPECT_EQ(message.qos, 0);
  EXPECT_FALSE(message.retain);
  EXPECT_EQ(message.content_type, "text/x-pbx");
  EXPECT_EQ(message.message_expiry, 7U);
}

TEST_F(MqttMessage, CarriesCloudEventsAttributesAsUserProperties) {
  connect("format: cloudevents");
  const auto message = send();
  EXPECT_EQ(message.payload, queue_payload);
  EXPECT_EQ(message.content_type, "application/json");
  EXPECT_EQ(message.user_properties.at("specversion"), "1.0");
  EXPECT_EQ(message.user_properties.at("id"), "0123456789abcdef-0000000000000001");
  EXPECT_EQ(message.user_properties.at("source"), "/pbx/hq");
  EXPECT_EQ(message.user_properties.at("subject"), "8001");
}

TEST_F(MqttMessage, IsAStructuredCloudEventWhereAskedFor) {
  connect("format: cloudevents_structured");
  const auto message = send();
  EXPECT_THAT(message.content_type, StartsWith("application/cloudevents+json"));
  EXPECT_THAT(message.payload, HasSubstr(R"("specversion":"1.0")"));
  EXPECT_THAT(message.payload, HasSubstr(std::string(queue_payload)));
}

TEST_F(MqttMessage, IsPlainInMqtt311) {
  connect("version: 3.1.1, retain: true");
  const auto message = send();
  EXPECT_EQ(message.payload, queue_payload);
  EXPECT_TRUE(message.retain);
  EXPECT_THAT(message.content_type, IsEmpty());
  EXPECT_THAT(message.user_properties, IsEmpty());
}

TEST_F(MqttMessage, IsDeliveredWithEachQosInBothVersions) {
  for (const std::string version : {"5", "3.1.1"}) {
    for (const int qos : {0, 1, 2}) {
      sink_.reset();
      connect("version: " + version + ", qos: " + std::to_string(qos));
      EXPECT_EQ(send().qos, qos) << "version " << version;
    }
  }
}

TEST_F(MqttMessage, OfARemovalMakesTheBrokerForget) {
  connect("retain: true, content_type: application/json");
  const auto retained = [this] {
    Process board({"mosquitto_sub", "-p", std::to_string(broker_.port()), "-t", "#", "-W", "1", "-v"});
    (void)board.wait();
    return board.output_lines();
  };
  for (const Format format : {Format::raw, Format::cloudevents, Format::cloudevents_structured}) {
    send({.format = format});
    EXPECT_THAT(retained(), SizeIs(1));
    auto removal = make_delivery(++token_, "pbx/hq/queue", "", {.format = format});
    removal.event = make_event(R"({"event_type":"state_queue","queue_id":"8001","removed":true})", "8001", true);
    EXPECT_EQ(sink_->outcome_of(removal).kind, Outcome::Kind::delivered);
    const auto message = subscriber_.wait_for(token_).back();
    EXPECT_EQ(message.payload, "");
    EXPECT_EQ(message.content_type, "") << "there is no content";
    EXPECT_EQ(message.user_properties.contains("id"), format == Format::cloudevents);
    EXPECT_THAT(retained(), IsEmpty()) << "what comes late finds nothing";
  }
}

TEST_F(MqttMessage, IsKeptByTheBrokerWhereRetained) {
  connect("retain: true");
  send();
  const MosquittoSubscriber later(broker_);
  ASSERT_THAT(later.wait_for(1), SizeIs(1));
  EXPECT_EQ(later.messages().front().payload, queue_payload);
}

}  // namespace
}  // namespace pbxbridge::test
