#include "pbxbridge/event.hpp"
#include "sink/amqp/amqp_message.hpp"
#include "sink/mqtt_delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::sink {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr AttributeSelection full(AttributeChoice::full);
constexpr std::string_view payload = "{ \"event_type\" : \"queue_status\" }";
constexpr std::size_t frame = 131'072;

TEST(AmqpMessage, RawIsThePayloadWithItsTypeAndId) {
  const auto event = test::make_event(payload);
  AmqpMessage message(full);
  message.compose(*event, Format::raw, false);
  EXPECT_EQ(message.payload(), payload);
  EXPECT_EQ(message.content_type(), "application/json");
  EXPECT_EQ(message.id(), event->id());
  EXPECT_THAT(message.headers(), IsEmpty());
}

TEST(AmqpMessage, BinaryModeHasTheAttributesAsHeaders) {
  const auto event = test::make_event(payload);
  AmqpMessage message(full);
  message.compose(*event, Format::cloudevents, true);
  EXPECT_EQ(message.payload(), payload);
  EXPECT_EQ(message.content_type(), "application/json");
  EXPECT_THAT(message.headers(),
              AllOf(Contains(Pair("cloudEvents_specversion", "1.0")), Contains(Pair("cloudEvents_id", event->id())),
                    Contains(Pair("cloudEvents_source", "/pbx/hq")), Contains(Pair("cloudEvents_redelivered", "true")),
                    Contains(Pair("cloudEvents_type", "com.portsip.pbx.queue_status"))));
}

TEST(AmqpMessage, ARemovalHasNoPayload) {
  const auto event = test::make_event(R"({"queue_id":"8001","removed":true})", "8001", true);
  AmqpMessage message(full);
  for (const Format format : {Format::raw, Format::cloudevents, Format::cloudevents_structured}) {
    message.compose(*event, format, false);
    EXPECT_EQ(message.payload(), "");
    EXPECT_EQ(message.content_type(), "");
    EXPECT_EQ(message.headers().empty(), format != Format::cloudevents);
  }
}

TEST(AmqpMessage, StructuredModeHasThemInThePayload) {
  const auto event = test::make_event(payload);
  AmqpMessage message(full);
  message.compose(*event, Format::cloudevents_structured, false);
  EXPECT_THAT(std::string(message.payload()), AllOf(HasSubstr(event->id()), HasSubstr("\"data\"")));
  EXPECT_EQ(message.content_type(), structured_content_type);
  EXPECT_THAT(message.headers(), IsEmpty());
}

TEST(AmqpMessage, ServesOneEventAfterTheOther) {
  AmqpMessage message(full);
  message.compose(*test::make_event(payload), Format::cloudevents, true);
  const auto event = test::make_event("", "8002");
  message.compose(*event, Format::cloudevents, false);
  EXPECT_EQ(message.payload(), "");
  EXPECT_THAT(message.headers(), Contains(Pair("cloudEvents_subject", "8002")));
  EXPECT_THAT(message.headers(), testing::Not(Contains(Pair("cloudEvents_redelivered", "true"))));
}

TEST(AmqpMessage, IsAProblemBeyondTheBrokersLimits) {
  AmqpMessage message(full);
  message.compose(*test::make_event(std::string(2000, 'x')), Format::cloudevents, false);
  EXPECT_EQ(message.problem(std::nullopt, frame), std::nullopt);
  EXPECT_EQ(message.problem(config::ByteSize{2000}, frame), std::nullopt);
  EXPECT_THAT(message.problem(config::ByteSize{1999}, frame).value(), HasSubstr("2000 bytes"));
  message.compose(*test::make_event("{}", std::string(4000, '8')), Format::cloudevents, false);
  EXPECT_THAT(message.problem(std::nullopt, 4096).value(), HasSubstr("frame of 4096"));
  EXPECT_EQ(message.problem(std::nullopt, frame), std::nullopt);
}

}  // namespace
}  // namespace pbxbridge::sink
