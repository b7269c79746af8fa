// PBX 16.x: topics with keys, and its own events, through the built pbxbridge.

#include "session_fixture.hpp"

#include <nlohmann/json.hpp>

namespace pbxbridge::test {
namespace {

/// An event as a 16.x pushes it, and what it is known by afterwards. The vendor lists the names of these events and
/// shows none of them; the fields are those of the events of later versions.
struct OlderEvent {
  std::string event_type, family, entity_kind, entity, payload;
};

const std::vector<OlderEvent> older_events = {
    {"extension_register", "extension", "extension", "101",
     R"({"event_type":"extension_register","extension":"sip:101@example.test","domain":"example.test"})"},
    {"call_established", "extension", "session", "9001",
     R"({"event_type":"call_established","session_id":"9001","caller":"101","callee":"102","domain":"example.test"})"},
    {"call_hold", "extension", "session", "9001",
     R"({"event_type":"call_hold","session_id":"9001","caller":"101","callee":"102","domain":"example.test"})"},
    {"target_ringing", "extension", "session", "9002",
     R"({"event_type":"target_ringing","session_id":"9002","caller":"101","callee":"103","domain":"example.test"})"},
    {"call_ended", "extension", "session", "9001",
     R"({"event_type":"call_ended","session_id":"9001","caller":"101","callee":"102","domain":"example.test"})"},
    {"queue_status", "queue", "queue", "8001",
     R"({"event_type":"queue_status","queue_number":"8001","domain":"example.test"})"},
    {"queue_member_state", "queue", "queue", "8001",
     R"({"event_type":"queue_member_state","queue_number":"8001","member":"101","domain":"example.test"})"},
    {"trunk_connected", "trunk", "trunk", "carrier",
     R"({"event_type":"trunk_connected","trunk_name":"carrier","domain":"example.test"})"},
    {"trunk_disconnected", "trunk", "trunk", "carrier",
     R"({"event_type":"trunk_disconnected","trunk_name":"carrier","domain":"example.test"})"},
    {"call_cdr", "cdr", "session", "9001",
     R"({"event_type":"call_cdr","session_id":"9001","caller":"101","callee":"102","domain":"example.test"})"},
};

constexpr int older_subscriptions = 4;

std::string older_account(const Simulator& simulator) {
  return "pbx:\n  - name: hq\n    url: " + simulator.url() + "\n    tls: { ca_file: " + simulator.ca_file().string() +
         " }\n    dialect: \"16\"\n    auth: { username: bridge, password: secret }\n"
         "    subscribe:\n"
         "      - { topic: extension_events, extensions: [\"101\"],\n"
         "          keys: [extension_register, call_established, call_hold, target_ringing, call_ended] }\n"
         "      - { topic: queue_events, keys: [queue_status, queue_member_state] }\n"
         "      - { topic: trunk_events, keys: [trunk_connected, trunk_disconnected] }\n"
         "      - { topic: cdr_events, keys: [call_cdr] }\n";
}

TEST(OlderDialect, ItsEventsAreKnownByFamilyAndEntity) {
  Simulator simulator({"--dialect", "16", "--tls"});
  BridgeProcess bridge(older_account(simulator) +
                       "sinks:\n  out: { type: stdout, format: cloudevents_structured }\n"
                       "routes:\n  - match: {}\n    to: { sink: out }\n");
  ASSERT_TRUE(wait_until_subscribed(bridge, older_subscriptions)) << bridge.process().transcript();
  for (const auto& event : older_events) simulator.command("push " + event.payload);
  ASSERT_TRUE(eventually([&] { return bridge.process().output_lines().size() >= older_events.size(); }, long_enough))
      << bridge.process().transcript() << simulator.process().transcript();

  const auto lines = bridge.process().output_lines();
  ASSERT_EQ(lines.size(), older_events.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = nlohmann::json::parse(lines[i]);
    const auto& event = older_events[i];
    EXPECT_EQ(line.at("data"), nlohmann::json::parse(event.payload));
    EXPECT_EQ(line.at("type"), "com.portsip.pbx." + event.event_type);
    EXPECT_EQ(line.at("family"), event.family) << event.event_type;
    EXPECT_EQ(line.at("entitykind"), event.entity_kind) << event.event_type;
    EXPECT_EQ(line.at("subject"), event.entity) << event.event_type;
    EXPECT_EQ(line.at("tenant"), "example.test") << event.event_type;
    EXPECT_FALSE(line.contains("snapshot")) << event.event_type << ": no page of the vendor has a snapshot in 16.x";
  }
  EXPECT_EQ(bridge.metric(R"(pbxbridge_events_untidy_total{kind="unknown_event_type",pbx="hq"})"), 0);
}

TEST(OlderDialect, AnExtensionSignsInAndAKeyThatIsNotSubscribedStaysAway) {
  Simulator simulator({"--dialect", "16"});
  BridgeProcess bridge(
      "pbx:\n  - name: hq\n    url: " + simulator.url() +
      "\n    dialect: \"16\"\n    auth: { extension_number: \"101\", domain: example.test, password: secret }\n"
      "    subscribe:\n      - { topic: extension_events, keys: [call_established], extensions: [\"101\"] }\n" +
      to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge, 1)) << bridge.process().transcript();
  simulator.command(R"(push {"event_type":"call_hold","session_id":"not-asked-for","caller":"101"})");
  simulator.command(R"(push {"event_type":"call_established","session_id":"of-102","caller":"102"})");
  simulator.command(R"(push {"event_type":"call_established","session_id":"of-101","caller":"101"})");
  ASSERT_TRUE(bridge.process().wait_for_output("of-101", long_enough)) << bridge.process().transcript();
  EXPECT_EQ(bridge.process().output_lines().size(), 1U);
}

TEST(OlderDialect, AWrongPasswordIsToldFromAnAnswerThatNamesNoCommand) {
  Simulator simulator({"--dialect", "16", "--tls"});
  std::string configuration = older_account(simulator) + to_stdout;
  configuration.replace(configuration.find("secret"), 6, "nonsense");
  BridgeProcess bridge(configuration);
  EXPECT_THAT(log_of(bridge, "pbx.auth_rejected"), testing::HasSubstr("password error"));
}

}  // namespace
}  // namespace pbxbridge::test
