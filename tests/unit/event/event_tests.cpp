#include "classify.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <memory>
#include <string>

namespace pbxbridge {
namespace {

TEST(Names, OfFamiliesAreReadAsTheyAreWritten) {
  for (std::size_t i = 0; i < enum_count<Family>; ++i) {
    const auto family = static_cast<Family>(i);
    EXPECT_EQ(enum_from_string<Family>(to_string(family)), family);
  }
  EXPECT_EQ(enum_from_string<Family>("crd"), std::nullopt);
  EXPECT_EQ(to_string(Family::queue_management), "queue_management");
}

TEST(EventTexts, StandBesideThePayload) {
  const std::string payload("{\0}", 3);
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "call_start";
  attributes.tenant = "7";
  attributes.entity = "101";
  const EventPtr made = Event::make(payload, attributes);
  const Event& event = *made;
  EXPECT_EQ(event.payload(), payload);
  EXPECT_EQ(event.pbx(), "hq");
  EXPECT_EQ(event.event_type(), "call_start");
  EXPECT_EQ(event.tenant(), "7");
  EXPECT_EQ(event.entity(), "101");
  EXPECT_GE(event.size_bytes(), sizeof(Event) + 3 + 2 + 10 + 1 + 3);
}

TEST(EventId, IsEmptyBeforeAcceptanceAndThenSpoolAndSequence) {
  const NewEventPtr made = Event::make("{}", {});
  Event& event = *made;
  EXPECT_EQ(event.id(), "");
  EXPECT_EQ(event.spool_id(), SpoolId{});
  EXPECT_EQ(event.sequence(), Sequence{});
  event.accept(Sequence::first_of(2), *SpoolId::from_text("00112233445566aa"));
  EXPECT_EQ(event.id(), "00112233445566aa-0000020000000001");
}

TEST(SpoolId, IsReadBackFromItsText) {
  EXPECT_EQ(SpoolId::from_text("00112233445566aa"), SpoolId{0x00112233445566aa});
  EXPECT_EQ(SpoolId{0x00112233445566aa}.text(), "00112233445566aa");
  for (const auto* other : {"", "0011", "00112233445566AA", "00112233445566aa0", "0x112233445566aa"})
    EXPECT_FALSE(SpoolId::from_text(other)) << other;
}

// The published way of computing it, piece by piece, so that others can match the hashes of two replicas.
TEST(ContentHash, IsXxh3OverPbxNulAndPayload) {
  const std::string payload = R"({"event_type":"call_start"})";
  const auto event = event::classify(payload, "branch").event;
  XXH3_state_t* const state = XXH3_createState();
  XXH3_128bits_reset(state);
  XXH3_128bits_update(state, "branch", 7);
  XXH3_128bits_update(state, payload.data(), payload.size());
  const auto hash = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  char expected[33];
  std::snprintf(expected, sizeof expected, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  EXPECT_EQ(event->content_hash_hex(), expected);
  EXPECT_NE(event->content_hash(), event::classify(payload, "hq").event->content_hash());
}

TEST(Event, NamesItsCauseInPlaceOfThePlaceholder) {
  const auto cause = Event::make("{}", {});
  cause->accept(Sequence{0x10000000001}, SpoolId{0x0123456789abcdef});
  const std::string placeholder(cause_placeholder);
  const auto named = [&](const std::string& payload) {
    const auto event = Event::make(payload, {.pbx = "hq"});
    event->name_cause(*cause);
    EXPECT_EQ(event->pbx(), "hq");
    return std::string(event->payload());
  };
  EXPECT_EQ(cause_placeholder.size(), cause->id().size());
  EXPECT_EQ(named(R"({"n":1,"event_id":")" + placeholder + "\"}"),
            R"({"n":1,"event_id":"0123456789abcdef-0000010000000001"})");
  for (const std::string& other : {R"({"event_id":")" + placeholder + R"(","n":1})", std::string(R"({"event_id":""})"),
                                   std::string("\"}"), placeholder, std::string()})
    EXPECT_EQ(named(other), other) << "it ends with no placeholder";
}

}  // namespace
}  // namespace pbxbridge
