#include "status/route_text.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::status {
namespace {

TEST(MatchText, NamesKindsOfEventsAndNobodysNumber) {
  config::MatchConfig match;
  EXPECT_EQ(match_text(match), "every event");
  match.conditions = {{"family", {"extension", "queue"}, {}}, {"caller", {"+4915550100", "100*"}, {}}};
  EXPECT_EQ(match_text(match), "family: extension, queue; caller: 2 values");
  match.none_of = {{"event_type", {"*_presence"}, {}}, {"entity", {"101"}, {}}};
  EXPECT_EQ(match_text(match),
            "family: extension, queue; caller: 2 values; not event_type: *_presence and entity: 1 value");
}

}  // namespace
}  // namespace pbxbridge::status
