#pragma once

#include "mosquitto_broker.hpp"
#include "session_fixture.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// A bridge with a sink to standard output, and file sinks that come, go and change.
class ReloadTest : public testing::Test {
 protected:
  /// A sink that appends to a file of its own, and a route to it.
  struct Target {
    std::string sink;
    std::string file = {};  ///< empty: named as the sink is
    std::string more = {};  ///< further settings
  };

  std::filesystem::path file(const std::string& name) const { return directory_ / (name + ".ndjson"); }

  std::string sinks_of(const std::vector<Target>& targets) const {
    std::string sinks = "sinks:\n  out: { type: stdout, format: raw }\n";
    std::string routes = "routes:\n  - { match: {}, to: { sink: out } }\n";
    for (const auto& [sink, name, more] : targets) {
      sinks += "  " + sink + ": { type: file, format: raw, path: " + file(name.empty() ? sink : name).string() + more +
               " }\n";
      routes += "  - { match: { event_type: mark }, to: { sink: " + sink + " } }\n";
    }
    return sinks + routes;
  }

  std::string pbx(const std::string& name, const std::string& more = "") const {
    return "  - { name: " + name + ", url: " + simulator_.url() +
           ", auth: { username: bridge, domain: example.test, password: secret }, subscribe: [{ topic: cdr_events }]" +
           more + " }\n";
  }
  std::string configuration(const std::vector<Target>& targets) const {
    return "pbx:\n" + pbx("hq") + sinks_of(targets) + more_;
  }

  std::filesystem::path home() const { return bridge_->configuration_file().parent_path(); }
  /// `spool:` where the running bridge has it, for this one or the next.
  std::string same_spool(const std::string& more = "") const {
    return "spool: { path: " + (home() / "spool").string() + more + " }\n";
  }
  /// Adds a sink `lake` at that broker, and a route to it.
  std::string with_lake_at(const MosquittoBroker& broker, const std::string& shutdown_timeout) const {
    return "pbx:\n" + pbx("hq") +
           "sinks:\n  out: { type: stdout, format: raw }\n  lake: { type: mqtt, url: mqtt://127.0.0.1:" +
           std::to_string(broker.port()) +
           " }\nroutes:\n  - { match: {}, to: [ { sink: out }, { sink: lake, topic: t } ] }\nshutdown_timeout: " +
           shutdown_timeout + "\n";
  }

  void start(const std::vector<Target>& targets) { start_with(configuration(targets)); }
  void start_with(const std::string& text) {
    bridge_ = std::make_unique<BridgeProcess>(text);
    ASSERT_TRUE(wait_until_subscribed(*bridge_, 1)) << bridge_->process().transcript();
  }
  void reload(const std::vector<Target>& targets) { reload_to(configuration(targets)); }
  void reload_to(const std::string& text) { ASSERT_TRUE(bridge_->reload(text)) << bridge_->process().transcript(); }

  /// Waits until it has come out at the sink that all configurations have.
  void push(const std::string& mark) {
    simulator_.command(R"(push {"event_type":"mark","text":")" + mark + "\"}");
    ASSERT_TRUE(bridge_->process().wait_for_output(mark, long_enough)) << bridge_->process().transcript();
  }

  /// The marks in a file, in their order.
  std::vector<std::string> marks(const std::string& name) const {
    std::vector<std::string> found;
    std::ifstream lines(file(name));
    for (std::string line; std::getline(lines, line);)
      if (const auto event = nlohmann::json::parse(line, nullptr, false); event.contains("text"))
        found.push_back(event["text"]);
    return found;
  }
  void expect_marks(const std::string& name, const std::vector<std::string>& expected) const {
    EXPECT_TRUE(eventually([&] { return marks(name).size() >= expected.size(); })) << bridge_->process().transcript();
    EXPECT_EQ(marks(name), expected) << name;
  }
  nlohmann::json status() { return nlohmann::json::parse(bridge_->get("/status"), nullptr, false); }

  TemporaryDirectory directory_;
  Simulator simulator_;
  std::string more_;
  std::unique_ptr<BridgeProcess> bridge_;
};

}  // namespace pbxbridge::test
