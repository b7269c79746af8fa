// Records of the sink, read by the CloudEvents SDK for Python.

#include "pbxbridge/event.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_consumer.hpp"
#include "support/process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using nlohmann::json;
using testing::SizeIs;

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(bytes.size()))));
  return text;
}

json as_json(const KafkaRecord& record) {
  json headers = json::object();
  for (const auto& [name, value] : record.headers) headers[name] = base64(value);
  return {{"key", record.key ? json(base64(*record.key)) : json()},
          {"value", base64(record.value.value())},
          {"headers", headers}};
}

/// Returns what the SDK makes of each record.
std::vector<json> read_by_sdk(const std::vector<KafkaRecord>& records) {
  Process reader({PBXBRIDGE_SOURCE_DIRECTORY "/.cache/python/bin/python3",
                  PBXBRIDGE_SOURCE_DIRECTORY "/tests/sink/kafka_cloudevents_reader.py"});
  for (const auto& record : records) reader.write_line(as_json(record).dump());
  reader.close_input();
  EXPECT_EQ(reader.wait(std::chrono::seconds(60)), 0) << reader.transcript();
  std::vector<json> events;
  for (const auto& line : reader.output_lines()) events.push_back(json::parse(line));
  return events;
}

class KafkaCloudEvents : public testing::TestWithParam<Format> {};

TEST_P(KafkaCloudEvents, AreReadByThePublishedSdk) {
  const auto topic = fresh_topic_name();
  KafkaAdmin(shared_kafka()).create_topic(topic);
  std::vector<Delivery> sent;
  for (const auto& entry : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string payload{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    sent.push_back(kafka_delivery(sent.size() + 1, topic, payload, "8001", GetParam()));
  }
  EventLoop loop;
  RunningKafkaSink sink(loop, kafka_settings(shared_kafka(), "attributes: [minimal, family]\n"));
  ASSERT_TRUE(sink.connected());
  for (const auto& delivery : sent) ASSERT_TRUE(sink.deliver(delivery));
  ASSERT_TRUE(sink.settled());

  const auto events = read_by_sdk(KafkaConsumer(shared_kafka()).read(topic));
  ASSERT_THAT(events, SizeIs(sent.size()));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const json& attributes = events[i].at("attributes");
    EXPECT_EQ(events[i].at("data"), json::parse(sent[i].event->payload()));
    EXPECT_EQ(attributes.at("specversion"), "1.0");
    EXPECT_EQ(attributes.at("id"), sent[i].event->id());
    EXPECT_EQ(attributes.at("source"), "/pbx/hq");
    EXPECT_EQ(attributes.at("type"), "com.portsip.pbx.queue_status");
    EXPECT_EQ(attributes.at("subject"), "8001");
    EXPECT_EQ(attributes.at("time"), "2025-06-15T15:06:40.123000+00:00");
    EXPECT_EQ(attributes.at("datacontenttype"), "application/json");
    EXPECT_EQ(attributes.at("partitionkey"), "8001");
    EXPECT_EQ(attributes.at("family"), "queue");
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, KafkaCloudEvents, testing::Values(Format::cloudevents, Format::cloudevents_structured));

}  // namespace
}  // namespace pbxbridge::test
