// docs/guides/first-steps.md, done as it says: its configuration, its commands, up to the first event in a topic.

#include "examination.hpp"
#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "session_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace pbxbridge::test {
namespace {

using testing::Contains;

std::string guide() {
  std::ifstream file(PBXBRIDGE_SOURCE_DIRECTORY "/docs/guides/first-steps.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Its one YAML document.
std::string configuration_of(const std::string& guide) {
  const std::string begin = "```yaml\n";
  const auto at = guide.find(begin) + begin.size();
  return guide.substr(at, guide.find("```", at) - at);
}

void replace(std::string& text, const std::string& part, const std::string& by) {
  const auto at = text.find(part);
  ASSERT_NE(at, std::string::npos) << part;
  text.replace(at, part.size(), by);
}

TEST(FirstSteps, LeadToTheFirstEventInATopic) {
  Simulator simulator({"--tls"});
  MosquittoBroker broker;
  const TemporaryDirectory directory;
  std::ofstream(directory / "pbx_password") << "secret\n";
  const std::string text = guide();
  std::string configuration = configuration_of(text);
  replace(configuration, "wss://pbx.example.com:8887/wsi", simulator.url());
  replace(configuration, "password_file: pbx_password", "password_file: " + (directory / "pbx_password").string());
  replace(configuration, "ca_file: ca.pem", "ca_file: " + simulator.ca_file().string());
  replace(configuration, "mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:" + std::to_string(broker.port()));
  replace(configuration, "path: spool,", "path: " + (directory / "spool").string() + ",");

  const Examined examined = examine(configuration);
  EXPECT_EQ(examined.exit_code, 0) << examined.transcript;
  for (const auto& finding : examined.findings) {
    if (finding["subject"] != "spool") {  // whose disk is this machine's
      EXPECT_EQ(finding["level"], "ok") << finding;
    }
    const std::string shown = finding["subject"].get<std::string>() + ", " + finding["step"].get<std::string>() + ": ";
    EXPECT_NE(text.find("✓ " + shown), std::string::npos) << "the guide does not show it: " << shown;
  }

  const MosquittoSubscriber subscriber(broker, "pbx/#");
  BridgeProcess bridge(configuration);
  ASSERT_TRUE(wait_until_subscribed(bridge, 3)) << bridge.process().transcript();
  const Ended status = run_to_end({bridge_executable(), "status", "--config", bridge.configuration_file().string(),
                                   "--address", "127.0.0.1:" + bridge.admin_port()});
  EXPECT_EQ(status.exit_code, 0) << status.transcript;
  EXPECT_THAT(status.output, Contains("All is well"));
  simulator.command(
      R"(push {"event_type":"extension_call","extension":"sip:101@example.test","call_status":"RINGING"})");
  EXPECT_TRUE(eventually([&] { return !subscriber.messages("pbx/hq/extension").empty(); }))
      << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);
}

}  // namespace
}  // namespace pbxbridge::test
