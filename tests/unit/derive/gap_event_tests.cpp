#include "derive/gap_event.hpp"
#include "event/payload_fields.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::derive {
namespace {

constexpr SystemTime begin{std::chrono::seconds{1'764'000'000}};
constexpr SystemTime end = begin + std::chrono::milliseconds(12'500);

spool::Gap gap(const std::string& pbx) {
  return {.reason = spool::GapReason::disconnected,
          .pbx = pbx,
          .begin = begin,
          .end = end,
          .after = Sequence{0x1000000000b},
          .events = 7,
          .measured = std::chrono::milliseconds(12'400)};
}

TEST(GapEvent, SaysFromWhenToWhenAndWhy) {
  const auto event = gap_event(gap("hq"), {"cdr_events", "queue_events"}, 4, end);
  EXPECT_EQ(event->family(), Family::bridge);
  EXPECT_EQ(event->event_type(), "bridge_gap");
  EXPECT_EQ(event->entity(), "hq");
  EXPECT_EQ(event->payload(),
            R"({"event_type":"bridge_gap","pbx":"hq","reason":"disconnected","from":"2025-11-24T16:00:00.000Z",)"
            R"("to":"2025-11-24T16:00:12.500Z","seconds":12.4,"events":7,"after_sequence":"000001000000000b",)"
            R"("topics":["cdr_events","queue_events"]})");
}

TEST(GapEvent, LeavesOutWhatIsNotKnown) {
  spool::Gap unknown = gap("");
  unknown.events = 0;
  unknown.measured.reset();
  unknown.end = begin - std::chrono::seconds(1);  // the clock was set back
  const auto event = gap_event(unknown, {}, 0, end);
  const auto document = nlohmann::json::parse(event->payload());
  for (const char* name : {"pbx", "seconds", "events", "topics"}) EXPECT_FALSE(document.contains(name)) << name;
  EXPECT_EQ(event->entity_kind(), EntityKind::none);
}

TEST(GapEvent, HasTheFieldsThatTemplatesMayName) {
  const auto document = nlohmann::json::parse(gap_event(gap("hq"), {"cdr_events"}, 4, end)->payload());
  std::vector<std::string> names;
  for (const auto& [name, value] : document.items()) names.push_back(name);
  EXPECT_THAT(event::payload_fields("bridge_gap"), testing::UnorderedElementsAreArray(names));
}

}  // namespace
}  // namespace pbxbridge::derive
