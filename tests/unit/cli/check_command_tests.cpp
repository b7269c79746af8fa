#include "cli/commands.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace pbxbridge::cli {
namespace {

using testing::HasSubstr;

struct Checked {
  int exit_code;
  std::string output;
  std::string errors;
};

class CheckCommand : public testing::Test {
 protected:
  Checked check(const std::string& text) {
    std::ofstream(file_) << text;
    std::ostringstream output;
    std::ostringstream errors;
    const int exit_code = check_command(file_, output, errors);
    return {exit_code, output.str(), errors.str()};
  }

  const test::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_ / "bridge.yaml";
};

constexpr const char* head =
    "pbx:\n"
    "  - name: hq\n"
    "    url: wss://pbx.example.com:8887/wsi\n"
    "    auth: { username: bridge, password: open-sesame }\n"
    "    subscribe: [{ topic: cdr_events }]\n";

TEST_F(CheckCommand, SumsUpAValidConfigurationInOneLine) {
  const Checked checked =
      check(std::string(head) + "sinks: { out: { type: stdout } }\nroutes: [{ match: {}, to: { sink: out } }]\n");
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.output,
            file_.string() + ": valid; 1 PBX account: hq (1 subscription); 1 sink: out (stdout); 1 route\n");
  EXPECT_EQ(checked.errors, "");
}

TEST_F(CheckCommand, RefusesARouteThatItsSinkCannotServe) {
  const Checked checked = check(std::string(head) +
                                "sinks: { board: { type: mqtt, url: \"mqtt://b\", version: 3.1.1 } }\n"
                                "routes: [{ match: {}, to: { sink: board, topic: t, format: cloudevents } }]\n");
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.errors, HasSubstr(":7:35: error: format: cloudevents needs MQTT 5"));
}

TEST_F(CheckCommand, TellsErrorsOfFieldsAndRoutesAtOnceWithTheirPlaces) {
  const Checked checked = check(std::string(head) +
                                "    ping_intervall: 5s\n"
                                "sinks:\n"
                                "  lake: { type: kafka, brokers: [\"kafka:9092\"], options: { no.such.option: 1 } }\n"
                                "routes:\n"
                                "  - { match: {}, to: { sink: leke, topic: x } }\n"
                                "  - { match: {}, to: { sink: lake, topic: \"{open\" } }\n");
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_EQ(checked.output, "");
  const std::string file = file_.string();
  EXPECT_THAT(checked.errors,
              HasSubstr(file + ":6:5: error: unknown key \"ping_intervall\", did you mean \"ping_interval\"?"));
  EXPECT_THAT(checked.errors, HasSubstr(file + ":8:"));
  EXPECT_THAT(checked.errors, HasSubstr("no.such.option"));
  EXPECT_THAT(checked.errors, HasSubstr(file + ":10:30: error: "));
  EXPECT_THAT(checked.errors, HasSubstr("did you mean \"lake\"?"));
  EXPECT_THAT(checked.errors, HasSubstr(file + ":11:43: error: "));
}

TEST_F(CheckCommand, LetsWarningsPass) {
  std::string text = head;
  text.replace(text.find("wss:"), 4, "ws:");
  const Checked checked =
      check(text + "sinks: { out: { type: stdout } }\nroutes: [{ match: {}, to: { sink: out } }]\n");
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_THAT(checked.errors, HasSubstr(":3:10: warning: ws:// sends the password"));
}

TEST_F(CheckCommand, TellsThatAFileIsMissing) {
  std::ostringstream output;
  std::ostringstream errors;
  EXPECT_EQ(check_command(directory_ / "none.yaml", output, errors), 78);
  EXPECT_THAT(errors.str(), HasSubstr("none.yaml: error: cannot read "));
}

}  // namespace
}  // namespace pbxbridge::cli
