#include "pbxbridge/event.hpp"
#include "sink/kafka/kafka_message.hpp"
#include "sink/kafka_sink_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::sink {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers headers_of(KafkaMessage& message) {
  Headers headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       message.headers() && !rd_kafka_header_get_all(message.headers().get(), i, &name, &value, &size); ++i)
    headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  return headers;
}

constexpr AttributeSelection full(AttributeChoice::full);

constexpr std::string_view payload = "{ \"event_type\" : \"queue_status\" }";

TEST(KafkaMessage, RawIsThePayloadAlone) {
  const auto event = test::queue_event(payload);
  KafkaMessage message(full);
  message.compose(*event, Format::raw);
  EXPECT_EQ(message.value(), payload);
  EXPECT_EQ(message.value().data(), event->payload().data());
  EXPECT_THAT(headers_of(message), IsEmpty());
}

TEST(KafkaMessage, BinaryModeHasTheAttributesAsHeaders) {
  const auto event = test::queue_event(payload);
  KafkaMessage message(full);
  message.compose(*event, Format::cloudevents);
  EXPECT_EQ(message.value(), payload);
  EXPECT_THAT(headers_of(message),
              AllOf(Contains(Pair("ce_specversion", "1.0")), Contains(Pair("ce_id", event->id())),
                    Contains(Pair("ce_source", "/pbx/hq")), Contains(Pair("ce_type", "com.portsip.pbx.queue_status")),
                    Contains(Pair("ce_subject", "8001")), Contains(Pair("ce_family", "queue")),
                    Contains(Pair("content-type", "application/json")), Not(Contains(Key("ce_datacontenttype")))));
}

TEST(KafkaMessage, HasTheAttributesThatAreSelected) {
  const auto event = test::queue_event(payload);
  KafkaMessage message(AttributeSelection({AttributeChoice::minimal, AttributeChoice::family}));
  message.compose(*event, Format::cloudevents, true);
  EXPECT_THAT(headers_of(message), ElementsAre(Key("ce_specversion"), Key("ce_id"), Key("ce_source"), Key("ce_type"),
                                               Key("ce_subject"), Key("ce_time"), Pair("ce_family", "queue"),
                                               Pair("ce_redelivered", "true"), Key("content-type")));
}

TEST(KafkaMessage, LeavesNothingToTheNextOne) {
  const auto event = test::queue_event(payload);
  KafkaMessage message(full);
  message.compose(*event, Format::cloudevents_structured, true);
  message.compose(*event, Format::cloudevents);
  EXPECT_EQ(message.value(), payload);
  EXPECT_THAT(headers_of(message), Not(Contains(Key("ce_redelivered"))));
  message.compose(*event, Format::raw);
  EXPECT_THAT(headers_of(message), IsEmpty());
}

TEST(KafkaMessage, StructuredModeHasEverythingInTheValue) {
  const auto event = test::queue_event(payload);
  KafkaMessage message(full);
  message.compose(*event, Format::cloudevents_structured);
  EXPECT_THAT(std::string(message.value()),
              AllOf(StartsWith("{"), HasSubstr("\"specversion\":\"1.0\""), HasSubstr(payload)));
  EXPECT_THAT(headers_of(message), ElementsAre(Pair("content-type", "application/cloudevents+json; charset=utf-8")));
}

TEST(KafkaMessage, HasTheTimeOfReceptionInMilliseconds) {
  const auto event = test::queue_event(payload);
  KafkaMessage message(full);
  message.compose(*event, Format::raw);
  EXPECT_EQ(message.timestamp(), std::chrono::milliseconds(1'750'000'000'123));
}

}  // namespace
}  // namespace pbxbridge::sink
