#include "app/plugins.hpp"
#include "cli/commands.hpp"
#include "pbxbridge/program.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>
#include <string>

namespace pbxbridge::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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
    const int exit_code = check_command(file_, sources_, {}, output, errors);
    return {exit_code, output.str(), errors.str()};
  }

  const test::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_ / "bridge.yaml";
  app::Plugins sources_{built_in_sink_types()};
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

TEST_F(CheckCommand, RejectsARouteThatItsSinkCannotServe) {
  const Checked checked = check(std::string(head) +
                                "sinks: { board: { type: mqtt, url: \"mqtt://b\", version: 3.1.1 } }\n"
                                "routes: [{ match: {}, to: { sink: board, topic: t, format: cloudevents } }]\n");
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.errors, HasSubstr(":7:52: error: format: cloudevents needs MQTT 5"));
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

TEST_F(CheckCommand, SaysOneThingOfOneMistake) {
  const auto problems = [&](const std::string& rest) {
    std::istringstream errors(check(rest).errors);
    std::size_t count = 0;
    for (std::string line; std::getline(errors, line);) count += line.starts_with(file_.string()) ? 1 : 0;
    return count;
  };
  const std::string sinks = "sinks: { out: { type: stdout } }\n";
  const std::string routes = "routes: [{ match: {}, to: { sink: out } }]\n";
  // The other is a warning: nothing leads to the sink.
  EXPECT_EQ(problems(head + sinks + "routes: [{ match: {}, to: out }]\n"), 2U);
  EXPECT_EQ(problems(head + sinks + "routes: [{ match: {}, to: {} }]\n"), 2U);
  EXPECT_EQ(problems(head + sinks + "routes:\n"), 1U);
  EXPECT_EQ(problems(head + ("snks" + sinks.substr(5)) + routes), 2U);  // unknown key, missing "sinks"
  EXPECT_EQ(problems(head + ("---\n" + sinks) + routes), 1U);
  std::string url_with_account = "sinks: { out: { type: mqtt, url: \"mqtt://u:pw@x\" } }\n";
  const Checked checked = check(head + url_with_account + "routes: [{ match: {}, to: { sink: out, topic: t } }]\n");
  EXPECT_EQ(checked.errors, file_.string() +
                                ":6:34: error: url: holds a user name or password; give them as "
                                "\"username\" and \"password_file\"\n"
                                "    6 | sinks: { out: { type: mqtt, url: \"mqtt://[secret]@x\" } }\n"
                                "      |                                  ^\n");
}

/// Parts of a configuration with two mistakes, and what `check` prints of them.
struct TwoMistakes {
  std::string pbx = "auth: { username: bridge, password: open-sesame }, subscribe: [{ topic: cdr_events }]";
  std::string sink = "type: stdout";
  std::string route = "match: {}, to: { sink: out, topic: t }";
  std::string rest = "";
  std::string first;
  std::string second;
};

const TwoMistakes of_a_pbx[] = {
    {.pbx = "connect_timeout: 1, ping_interval: 40s, auth: { username: b, password: p }, subscribe: []",
     .first = "connect_timeout: expected a duration",
     .second = "\"ping_interval\" must be shorter"},
    {.pbx = "ping_interval: 1, auth: { username: b, password: p }, subscribe: []",
     .first = "ping_interval: expected a duration",
     .second = "nothing is subscribed to"},
    {.pbx = "max_frame_size: 1, dialect: \"16\", auth: { username: b, access_token: t }, subscribe: [{ topic: x }]",
     .first = "max_frame_size: expected a size",
     .second = "version 16 takes no access token"},
    {.pbx = "max_frame_size: 1, auth: { username: b, password: p }, subscribe: [{ topic: queue_events }]",
     .first = "max_frame_size: expected a size",
     .second = "queue_events needs \"queues\""},
    {.pbx = "auth: { extension_number: \"\", password: p, access_token: t }, subscribe: [{ topic: cdr_events }]",
     .first = "extension_number: must not be empty",
     .second = "give either a password or an access token"},
    {.pbx = "auth: { username: b, domain: [], password: p, access_token: t }, subscribe: [{ topic: cdr_events }]",
     .first = "domain: expected a text",
     .second = "give either a password or an access token"},
};

const TwoMistakes of_a_sink[] = {
    {.sink = "type: mqtt, url: \"mqtt://b\", qos: 7, version: 3.1.1, content_type: x",
     .first = "qos: expected 0 to 2",
     .second = "content_type: exists in MQTT 5 only"},
    {.sink = "type: mqtt, url: \"mqtt://b\", format: x, version: 3.1.1, content_type: x",
     .first = "format: expected one of",
     .second = "content_type: exists in MQTT 5 only"},
    {.sink = "type: mqtt, url: \"mqtt://b\", will_delay: 1, session_expiry: 1m, client_id: c",
     .first = "will_delay: expected a duration",
     .second = "needs clean_start: false"},
    {.sink = "type: mqtt, url: \"mqtt://b\", qos: 7, client: paho, connect_timeout: 1s",
     .first = "qos: expected 0 to 2",
     .second = "client: paho takes more than a second"},
    {.sink = "type: mqtt, url: \"mqtt://b\", qos: 7, websocket: {}",
     .first = "qos: expected 0 to 2",
     .second = "the url's scheme is without WebSocket"},
    {.sink = "type: mqtt, url: \"mqtts://b\", tls: { alpn: [\"\"], key_password: p }",
     .first = "alpn: must have 1 to 255 bytes",
     .second = "\"key_password\" has no \"key_file\""},
    {.sink = "type: kafka, brokers: [\"k:9092\"], queue_size: 1, options: { lingerr: 5 }",
     .first = "queue_size: expected a size",
     .second = "librdkafka has no such option"},
    {.sink = "type: kafka, brokers: [\"k:9092\"], tls: {}, sasl: { mechanism: PLAIN, username: [], scope: [] }",
     .first = "username: expected a text",
     .second = "sasl: password or password_file is missing"},
    {.sink = "type: kafka, brokers: [\"k:port\"], create_topics: { \"a b\": {} }",
     .first = "expected HOST:PORT with a port",
     .second = "create_topics: a topic's name has"},
    {.sink = "type: file, path: /tmp/, max_file_size: 1",
     .first = "max_file_size: expected a size",
     .second = "\"path\" must name a file"},
    {.sink = "type: file, max_file_size: 1, fsync_interval: 5s",
     .first = "missing \"path\"",
     .second = "\"fsync_interval\" needs \"fsync: interval\""},
};

const TwoMistakes of_the_rest[] = {
    {.route = "match: [], to: []", .first = "match: expected a map of fields", .second = "the route leads nowhere"},
    {.route = "match: {}, to: { sink: nowhere, topic: \"a{\" }",
     .first = "there is no sink \"nowhere\"",
     .second = "topic: \"{\" is not closed"},
    {.sink = "type: no_such_type",
     .route = "match: {}, to: { sink: out, key: \"a{\" }",
     .first = "there is no sink of type",
     .second = "key: \"{\" is not closed"},
    {.rest = "spool: { type: memory, full: reject_newest, max_age: 1 }",
     .first = "max_age: expected a duration",
     .second = "`full: reject_newest` is for `type: disk`"},
    {.rest = "admin: { token: short, hosts: [\"a b\"] }",
     .first = "hosts: expected a name of a machine",
     .second = "token: must have at least 16 characters"},
    {.rest = "admin: { listen: \"0.0.0.0:1\", hosts: [\"a b\"] }",
     .first = "hosts: expected a name of a machine",
     .second = "the endpoint asks for no token"},
    {.rest = "shutdown_timeout: 1\nadmin: { token: short }",
     .first = "shutdown_timeout: expected a duration",
     .second = "token: must have at least 16 characters"},
};

TEST_F(CheckCommand, ShowsAMistakeNextToAnotherThatItDoesNotDependOn) {
  for (const auto& mistakes : {std::span<const TwoMistakes>(of_a_pbx), std::span<const TwoMistakes>(of_a_sink),
                               std::span<const TwoMistakes>(of_the_rest)})
    for (const TwoMistakes& each : mistakes) {
      const Checked checked =
          check("pbx: [{ name: hq, url: \"wss://pbx.example.com/wsi\", " + each.pbx + " }]\nsinks:\n  out: { " +
                each.sink + " }\nroutes: [{ " + each.route + " }]\n" + each.rest + "\n");
      EXPECT_EQ(checked.exit_code, 78);
      EXPECT_THAT(checked.errors, AllOf(HasSubstr(each.first), HasSubstr(each.second)));
    }
}

TEST_F(CheckCommand, DoesNotGuessAtWhatAWrongFieldWouldMean) {
  const Checked checked =
      check(std::string(head) +
            "sinks:\n"
            "  a: { type: file }\n"
            "  b: { type: file }\n"
            "  c: { type: mqtt, url: \"mqtt://b\", will_delay: 1s, session_expiry: 1, client_id: [],"
            " clean_start: x, prefix: [] }\n"
            "  d: { type: kafka, brokers: [\"k:9092\"], sasl: { username: u } }\n"
            "routes: [{ match: {}, to: [{ sink: a }, { sink: b }, { sink: c, topic: t }, { sink: d, topic: t }] }]\n");
  for (const char* guess : {"belongs to sink", "error: will_delay", "password or password_file is missing"})
    EXPECT_THAT(checked.errors, Not(HasSubstr(guess)));
}

TEST_F(CheckCommand, WarnsOfAFileForWhichThereIsNoPlace) {
  const auto check_path = [&](const std::string& path) {
    const std::string sinks = "sinks: { out: { type: file, path: " + path + " } }\n";
    return check(head + sinks + "routes: [{ match: {}, to: { sink: out } }]\n");
  };
  EXPECT_EQ(check_path(directory_ / "events").errors, "");
  const Checked missing = check_path("/nope/events");
  EXPECT_EQ(missing.exit_code, 0);
  EXPECT_THAT(missing.errors, HasSubstr(":6:29: warning: path: there is no directory /nope here"));
  EXPECT_THAT(check_path((directory_ / "").parent_path()).errors, HasSubstr("is a directory here"));
}

TEST_F(CheckCommand, RejectsTwoSinksThatWriteOneFile) {
  const std::string path = directory_ / "events";
  const std::string other = directory_ / "nothing/../events";
  const Checked checked = check(head + ("sinks:\n  a: { type: file, path: " + path + " }\n  b: { type: file, path: ") +
                                other + " }\nroutes: [{ match: {}, to: [{ sink: a }, { sink: b }] }]\n");
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.errors, HasSubstr(":8:6: error: the file " + path + " belongs to sink \"a\" already"));
}

TEST_F(CheckCommand, LetsWarningsPass) {
  std::string text = head;
  text.replace(text.find("wss:"), 4, "ws:");
  const Checked checked =
      check(text + "sinks: { out: { type: stdout } }\nroutes: [{ match: {}, to: { sink: out } }]\n");
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_THAT(checked.errors, HasSubstr(":3:10: warning: ws:// sends the password"));
}

std::string with(const std::string& sink, const std::string& rest = "") {
  return std::string(head) + "sinks: { out: " + sink + " }\nroutes: [{ match: {}, to: { sink: out, topic: t } }]\n" +
         rest;
}

TEST_F(CheckCommand, WarnsOfAPasswordThatIsSentInClearText) {
  const std::string account = ", username: a, password: b }";
  for (const std::string url :
       {"mqtt://broker.example", "ws://broker.example", "mqtt://127.0.0.1.example", "mqtt://10.0.0.1"})
    EXPECT_THAT(check(with("{ type: mqtt, url: \"" + url + "\"" + account)).errors,
                HasSubstr("warning: url: without TLS"))
        << url;
  for (const std::string url : {"mqtts://broker.example", "mqtt://127.0.0.2", "mqtt://[::1]:1883", "mqtt://LocalHost"})
    EXPECT_EQ(check(with("{ type: mqtt, url: \"" + url + "\"" + account)).errors, "") << url;
  EXPECT_EQ(check(with("{ type: mqtt, url: \"mqtt://broker.example\" }")).errors, "");
  const std::string header = ", websocket: { headers: [{ name: Authorization, value: Bearer x }] } }";
  EXPECT_THAT(check(with("{ type: mqtt, url: \"ws://broker.example\"" + header)).errors,
              HasSubstr("warning: url: without TLS the values of websocket.headers cross"));
  EXPECT_EQ(check(with("{ type: mqtt, url: \"wss://broker.example\"" + header)).errors, "");
  for (const std::string mechanism : {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    const std::string sasl = ", sasl: { mechanism: " + mechanism + account;
    EXPECT_THAT(check(with("{ type: kafka, brokers: [\"localhost:9092\", \"k:9092\"]" + sasl + " }")).errors,
                HasSubstr("warning: sasl: without tls"))
        << mechanism;
    EXPECT_EQ(check(with("{ type: kafka, brokers: [\"localhost:9092\", \"[::1]:9092\"]" + sasl + " }")).errors, "");
    EXPECT_EQ(check(with("{ type: kafka, tls: {}, brokers: [\"k:9092\"]" + sasl + " }")).errors, "");
  }
}

TEST_F(CheckCommand, RejectsAnAdminEndpointThatOthersReachWithoutAToken) {
  for (const std::string address : {"0.0.0.0:8686", "[::]:8686", "10.1.2.3:0", "[::ffff:10.1.2.3]:0"}) {
    const auto admin = [&](const std::string& more) {
      return with("{ type: stdout }", "admin: { listen: \"" + address + "\"" + more + " }\n");
    };
    const Checked rejected = check(admin(""));
    EXPECT_EQ(rejected.exit_code, 78) << address;
    EXPECT_THAT(rejected.errors, HasSubstr("error: listen: the endpoint asks for no token")) << address;
    EXPECT_THAT(rejected.errors, HasSubstr("admin.token")) << address;
    const Checked allowed = check(admin(", allow_unauthenticated: true"));
    EXPECT_EQ(allowed.exit_code, 0) << address;
    EXPECT_THAT(allowed.errors, HasSubstr("warning: listen: the endpoint asks for no token")) << address;
    EXPECT_EQ(check(admin(", token: \"${PBXBRIDGE_TEST_TOKEN:-0123456789abcdef}\"")).exit_code, 0) << address;
  }
  for (const std::string address : {"127.0.0.1:8686", "[::1]:8686", "127.9.9.9:0", ""})
    EXPECT_EQ(check(with("{ type: stdout }", "admin: { listen: \"" + address + "\" }\n")).errors, "") << address;
}

TEST_F(CheckCommand, RejectsAnAdminTokenThatCouldBeFoundByTrying) {
  EXPECT_THAT(check(with("{ type: stdout }", "admin: { token: short }\n")).errors,
              HasSubstr("error: token: must have at least 16 characters"));
  EXPECT_THAT(check(with("{ type: stdout }", "admin: { hosts: [\"bridge:80\"] }\n")).errors,
              HasSubstr("without a port"));
}

TEST_F(CheckCommand, WarnsOfASpoolThatOthersCanWrite) {
  const auto spool = directory_ / "spool";
  std::filesystem::create_directories(spool / "below");
  const std::string text = with("{ type: stdout }", "spool: { path: " + spool.string() + " }\n");
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  for (const unsigned mode : {0777U, 01777U, 0772U}) {
    std::filesystem::permissions(spool, std::filesystem::perms(mode));
    EXPECT_THAT(check(text).errors, HasSubstr("warning: path: " + spool.string() + " can be written by every user"));
  }
  // The configuration itself holds a password.
  check(text);
  std::filesystem::permissions(file_, std::filesystem::perms(0600));
  const std::string below = with("{ type: stdout }", "spool: { path: " + (spool / "below").string() + " }\n");
  std::filesystem::permissions(spool, std::filesystem::perms(0777));
  EXPECT_THAT(check(below).errors, HasSubstr("warning: path: " + spool.string() + " can be written by every user"));
  std::filesystem::permissions(spool, std::filesystem::perms(01777));
  std::filesystem::permissions(spool / "below", std::filesystem::perms(0755));
  EXPECT_EQ(check(below).errors, "");
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0700));
  EXPECT_EQ(check(text).errors, "") << "nobody gets there";
}

TEST_F(CheckCommand, WarnsOfSecretsThatEverybodyCanRead) {
  const std::string text = with("{ type: stdout }");
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::ofstream(file_).close();
  std::filesystem::permissions(file_, std::filesystem::perms(0644));
  EXPECT_THAT(check(text).errors,
              HasSubstr("warning: " + file_.string() + " holds a password or token, and every user"));
  std::filesystem::permissions(file_, std::filesystem::perms(0640));
  EXPECT_EQ(check(text).errors, "");

  const auto secret = directory_ / "password";
  std::ofstream(secret) << "open-sesame\n";
  std::filesystem::permissions(secret, std::filesystem::perms(0644));
  std::filesystem::permissions(file_, std::filesystem::perms(0644));
  std::string by_file = text;
  by_file.replace(by_file.find("password: open-sesame"), 21, "password_file: " + secret.string());
  EXPECT_THAT(check(by_file).errors,
              HasSubstr(" warning: password_file: " + secret.string() + " holds a password or token"));
  std::filesystem::permissions(secret, std::filesystem::perms(0440));
  EXPECT_EQ(check(by_file).errors, "") << "the configuration itself holds none";
  std::string by_expression = text;
  by_expression.replace(by_expression.find("open-sesame"), 11, "\"${file:" + secret.string() + "}\"");
  EXPECT_EQ(check(by_expression).errors, "");
  std::filesystem::permissions(secret, std::filesystem::perms(0644));
  EXPECT_THAT(check(by_expression).errors,
              HasSubstr(" warning: password: " + secret.string() + " holds a password or token"));
  std::string by_default = text;
  by_default.replace(by_default.find("open-sesame"), 11, "\"${PBXBRIDGE_TEST_MISSING:-open-sesame}\"");
  EXPECT_THAT(check(by_default).errors, HasSubstr("warning: " + file_.string() + " holds a password or token"));
  std::string by_environment = text;
  by_environment.replace(by_environment.find("open-sesame"), 11, "\"${HOME}\"");
  EXPECT_EQ(check(by_environment).errors, "");
}

TEST_F(CheckCommand, WarnsOfSecretsInOptionsThatEverybodyCanRead) {
  const auto in_environment = [this](const std::string& options) {
    std::string text = with("{ type: kafka, brokers: [127.0.0.1], options: { " + options + " } }");
    return text.replace(text.find("open-sesame"), 11, "\"${HOME}\"");
  };
  const std::string secret = in_environment("ssl.keystore.password: open-sesame");
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::ofstream(file_).close();
  std::filesystem::permissions(file_, std::filesystem::perms(0644));
  EXPECT_THAT(check(secret).errors, HasSubstr("warning: " + file_.string() + " holds a password or token"));
  EXPECT_THAT(check(in_environment("client.rack: a")).errors, Not(HasSubstr("holds a password or token")));
}

TEST_F(CheckCommand, TellsThatAFileIsMissing) {
  std::ostringstream output;
  std::ostringstream errors;
  EXPECT_EQ(check_command(directory_ / "none.yaml", sources_, {}, output, errors), 78);
  EXPECT_THAT(errors.str(), HasSubstr("none.yaml: error: cannot read "));
}

}  // namespace
}  // namespace pbxbridge::cli
