// Warnings of `check` about a configuration that is valid and does not do what was meant.

#include "app/plugins.hpp"
#include "cli/commands.hpp"
#include "pbxbridge/program.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace pbxbridge::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class CheckWarnings : public testing::Test {
 protected:
  /// Returns what `check` prints for a configuration with these subscriptions and routes.
  std::string check(const std::string& subscribe, const std::string& routes, const std::string& dialect = "22") {
    std::ofstream(file_) << "pbx:\n  - name: hq\n    url: wss://pbx.example.com:8887/wsi\n    dialect: \"" << dialect
                         << "\"\n    auth: { username: bridge, password: open-sesame }\n    subscribe: [" << subscribe
                         << "]\nsinks: { lake: { type: kafka, brokers: [\"k:9092\"] } }\nroutes:\n"
                         << routes;
    std::filesystem::permissions(file_, std::filesystem::perms(0600));
    std::ostringstream output;
    std::ostringstream errors;
    EXPECT_EQ(check_command(file_, sources_, {}, output, errors), 0) << errors.str();
    return errors.str();
  }
  static std::string route(const std::string& match, const std::string& topic = "t", const std::string& key = "k") {
    return "  - { match: " + match + ", to: { sink: lake, topic: \"" + topic + "\", key: \"" + key + "\" } }\n";
  }

  app::Plugins sources_{built_in_sink_types()};
  const test::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_ / "bridge.yaml";
};

const std::string cdr = "{ topic: cdr_events }";
const std::string queue = "{ topic: queue_events, queues: [\"8001\"] }";
const std::string extension = "{ topic: extension_events, extensions: [\"101\"] }";

TEST_F(CheckWarnings, ThereIsNothingToSayOfARouteForAll) {
  EXPECT_EQ(check(cdr + ", " + queue + ", " + extension, route("{}")), "");
  EXPECT_EQ(check(cdr, route("{ family: cdr }", "pbx.{family}", "{session_id}")), "");
  EXPECT_EQ(check("{ topic: call_events_of_tomorrow }", route("{ family: cdr }")).find("no event can match"),
            std::string::npos);
}

TEST_F(CheckWarnings, ARouteThatNoEventCanMatch) {
  EXPECT_THAT(
      check(cdr, route("{}") + route("{ family: queue }")),
      HasSubstr(":10:5: warning: no event can match this route: no PBX of it subscribes to events of family queue"));
  EXPECT_THAT(
      check(cdr, route("{}") + route("{ family: cdr, event_type: queue_status }")),
      HasSubstr("no event can match this route: its \"event_type\" and the rest of \"match\" exclude each other"));
  EXPECT_THAT(check(cdr, route("{}") + route("{ family: cdr, not: { family: [cdr, queue] } }")),
              HasSubstr("no event can match this route"));
  EXPECT_THAT(check(cdr, route("{}") + route("{ entity_kind: queue }")), Not(HasSubstr("no event can match")))
      << "one of an unknown type may be about a queue";
  EXPECT_THAT(check(cdr, route("{}") + route("{ family: cdr, entity_kind: queue }")),
              HasSubstr("no event can match this route"));
  EXPECT_THAT(check(cdr, route("{}") + route("{ family: cdr, sesion_id: \"*\" }")),
              HasSubstr("no event can match this route"));
  EXPECT_EQ(check(cdr, route("{}") + route("{ family: unknown }")), "");
  EXPECT_EQ(check(cdr, route("{}") + route("{ event_type: brand_new }")), "");
}

TEST_F(CheckWarnings, EventsThatNoRouteTakes) {
  EXPECT_THAT(
      check(cdr + ", " + queue, route("{ family: cdr }")),
      HasSubstr(":6:40: warning: queue_events brings events that no route takes, they go nowhere: all of them"));
  EXPECT_THAT(check(extension, route("{ family: extension, not: { event_type: \"*_presence\" } }")),
              HasSubstr("extension_events brings events that no route takes, they go nowhere: extension_presence"));
  EXPECT_EQ(check(extension, route("{ family: extension, not: { event_type: \"*_presence\", tenant: x } }")), "");
  EXPECT_EQ(check("{ topic: cdr_events, keys: [call_cdr] }", route("{ event_type: call_cdr }"), "16"), "");
  EXPECT_THAT(check("{ topic: cdr_events, keys: [call_cdr, call_hold] }", route("{ event_type: call_cdr }"), "16"),
              HasSubstr("they go nowhere: call_hold"));
}

TEST_F(CheckWarnings, NoneOfASubscriptionThatStateIsMadeOf) {
  EXPECT_EQ(check(queue + ", " + cdr, route("{ family: state }", "pbx.{entity}")), "");
  EXPECT_EQ(check(extension, route("{ event_type: state_queue }", "pbx.{entity}")), "");
  EXPECT_THAT(check(queue, route("{ family: bridge }", "pbx.{pbx}")), HasSubstr("they go nowhere: all of them"));
}

TEST_F(CheckWarnings, AFieldInATemplateThatNoEventOfTheRouteHas) {
  const std::string said = check(queue + ", " + cdr, route("{ family: queue }", "t", "{session_id}") + route("{}"));
  EXPECT_THAT(said, HasSubstr(":9:68: warning: key: no event that this route takes has \"{session_id}\"; events of "
                              "family cdr have it"));
  EXPECT_THAT(check(cdr, route("{}", "pbx.{directon}")),
              HasSubstr("topic: no event that this route takes has \"{directon}\", did you mean \"direction\"?"));
  EXPECT_THAT(check(cdr, route("{}", "pbx.{warp_factor|none}")),
              HasSubstr("no event that this route takes has \"{warp_factor}\", and no other that is known"));
  EXPECT_EQ(check(queue, route("{ family: queue }", "pbx.{updated_callers.0.session_id|none}")), "");
  EXPECT_EQ(check(queue, route("{ family: unknown }", "pbx.{warp_factor}") + route("{}")), "");
}

TEST_F(CheckWarnings, ARouteForPbxbridgesOwnEventsNeedsNoSubscription) {
  EXPECT_EQ(check(cdr, route("{}") + route("{ family: bridge }", "pbx.{state|gap}", "{pbx|any}")), "");
  EXPECT_EQ(check(cdr, route("{}") + route("{ event_type: bridge_gap }", "pbx.{reason}", "{pbx|any}")), "");
  EXPECT_THAT(check(cdr, route("{}") + route("{ family: bridge }", "pbx.{session_id}")),
              HasSubstr("no event that this route takes has \"{session_id}\""));
  EXPECT_THAT(check(cdr, route("{}", "pbx.{subscriptions_granted}")), HasSubstr("events of family bridge have it"));
}

TEST_F(CheckWarnings, OfOneMistakeOneThingIsSaid) {
  const std::string said = check(cdr, route("{}") + route("{ pbx: hp, family: cdr }"));
  EXPECT_THAT(said, HasSubstr("no PBX of this configuration is named \"hp\""));
  EXPECT_THAT(said, Not(HasSubstr("no event can match")));
}

}  // namespace
}  // namespace pbxbridge::cli
