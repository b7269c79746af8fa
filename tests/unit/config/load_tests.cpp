#include "config/load.hpp"
#include "configuration_text.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>
#include <utility>

namespace pbxbridge::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Load, ReadsAWholeConfiguration) {
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: here, window: 7, retry: { initial: 1s } }\n";
  text.rest = "spool: { type: memory, max_size: 1GiB }\nadmin: { listen: \"[::1]:0\" }\nshutdown_timeout: 3s\n";
  const Loaded loaded = text.load();
  ASSERT_EQ(format_problems(loaded.report, "f"), "");
  const Config& config = loaded.config;
  EXPECT_EQ(config.pbx.at(0).name, "hq");
  EXPECT_EQ(config.pbx.at(0).location.line, 2);
  EXPECT_EQ(config.pbx.at(0).auth.password.read().value(), "open-sesame");
  EXPECT_EQ(config.pbx.at(0).auth_retry.initial, std::chrono::seconds(30));
  EXPECT_EQ(config.sinks.at("first").type, "sample");
  EXPECT_EQ(config.sinks.at("first").window, 7u);
  EXPECT_EQ(config.sinks.at("first").retry.initial, std::chrono::seconds(1));
  EXPECT_EQ(config.routes.at(0).location.line, 9);
  EXPECT_EQ(config.spool.max_bytes(), 1024u * 1024u * 1024u);
  EXPECT_EQ(config.admin.listen, "[::1]:0");
  EXPECT_EQ(config.shutdown_timeout, std::chrono::seconds(3));
}

TEST(Load, NeedsPbxSinkAndRoute) {
  const Loaded loaded = load_config_text("spool: {}\n", sample_sink_types());
  EXPECT_EQ(format_problems(loaded.report, "f"),
            "f:1:1: error: missing \"pbx\"\nf:1:1: error: missing \"sinks\"\nf:1:1: error: missing \"routes\"\n");
  const Loaded empty = load_config_text("pbx: []\nsinks: {}\nroutes: []\n", sample_sink_types());
  EXPECT_EQ(format_problems(empty.report, "f"),
            "f:1:1: error: at least one PBX is needed\nf:2:1: error: at least one sink is needed\n"
            "f:3:1: error: at least one route is needed\n");
}

TEST(Load, RejectsASpoolInMemoryThatIsToRejectTheNewest) {
  ConfigurationText text;
  text.rest = "spool: { type: memory, full: reject_newest }\n";
  EXPECT_EQ(
      text.problems(),
      "f.yaml:10:24: error: `full: reject_newest` is for `type: disk`; a spool in memory always drops the oldest\n");
  for (const char* sound : {"type: memory", "type: memory, full: drop_oldest", "type: disk, full: reject_newest"}) {
    text.rest = std::string("spool: { ") + sound + " }\n";
    EXPECT_EQ(text.problems(), "") << sound;
  }
}

TEST(Load, ChecksTheRestInterfaceOfAPbx) {
  const auto problems = [](const std::string& rest, const std::string& auth, const std::string& more = "") {
    ConfigurationText text;
    text.pbx = "  - name: hq\n    url: wss://pbx.example.com/wsi\n    auth: { " + auth + " }\n    rest: { " + rest +
               " }\n" + more + "    subscribe: [{ topic: cdr_events }]\n";
    return text.problems();
  };
  const std::string url = "url: \"https://pbx.example.com:8887/api\"";
  const std::string tenant = "username: a, password: b, domain: example.com";
  EXPECT_THAT(problems(url, tenant), testing::Not(HasSubstr("rest")));
  EXPECT_THAT(problems(url, "extension_number: \"101\", password: b, domain: example.com"),
              HasSubstr("needs a \"username\" with its password"));
  EXPECT_THAT(problems(url + ", username: a, password: b", "extension_number: \"101\", password: b, domain: c.com"),
              testing::Not(HasSubstr("rest")));
  EXPECT_THAT(problems(url + ", username: a", tenant), HasSubstr("give both \"username\" and \"password_file\""));
  EXPECT_THAT(problems(url, "username: a, password: b"), HasSubstr("needs the \"domain\" of it"));
  EXPECT_THAT(problems(url, tenant, "    dialect: \"16\"\n"),
              testing::AnyOf(HasSubstr("is for version 22"), HasSubstr("domain")));
  EXPECT_THAT(problems("url: \"http://pbx.example.com/api\"", tenant), HasSubstr("clear text"));
  EXPECT_THAT(problems("url: \"http://127.0.0.1/api\"", tenant), testing::Not(HasSubstr("clear text")));
  for (const char* wrong : {"wss://pbx.example.com/api", "pbx.example.com", "https://a:b@pbx.example.com",
                            "https://pbx.example.com/api?a=b"})
    EXPECT_THAT(problems("url: \"" + std::string(wrong) + "\"", tenant), HasSubstr("error")) << wrong;
}

TEST(Load, SaysOneThingOfAListThatIsNotThere) {
  ConfigurationText text;
  text.routes = "";
  EXPECT_EQ(text.problems(), "f.yaml:9:1: error: routes: expected a list, found nothing\n");
}

TEST(Load, SaysOneThingOfAValueThatIsNotThere) {
  unsetenv("PBXBRIDGE_TEST_MISSING");
  const std::string missing =
      "the environment has no variable PBXBRIDGE_TEST_MISSING; "
      "set it, or write ${PBXBRIDGE_TEST_MISSING:-default}\n";
  ConfigurationText text;
  text.pbx.replace(text.pbx.find("open-sesame"), 11, "\"${PBXBRIDGE_TEST_MISSING}\"");
  EXPECT_EQ(text.problems(), "f.yaml:4:41: error: " + missing);
  text = {};
  text.pbx.replace(text.pbx.find("wss://pbx.example.com:8887/wsi"), 30, "${PBXBRIDGE_TEST_MISSING}");
  EXPECT_EQ(text.problems(), "f.yaml:3:10: error: " + missing);
  EXPECT_EQ(problems_of_sink("    address: here\n    port: \"${PBXBRIDGE_TEST_MISSING}\"\n    eager: true\n"),
            "f.yaml:10:11: error: " + missing);
}

TEST(Load, WarnsOfSecretsAndCertificatesThatItCannotRead) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "password";
  std::ofstream(file) << "sesame";
  EXPECT_EQ(problems_of_sink("    address: here\n    password_file: " + file + "\n"), "");
  EXPECT_EQ(problems_of_sink("    address: here\n    password_file: /nope/password\n"),
            "f.yaml:10:20: warning: password_file: /nope/password cannot be read here: No such file or directory\n");
  ConfigurationText text;
  text.pbx += "    tls: { ca_file: /nope/ca, cert_file: /nope/cert, key_file: /nope/key }\n";
  for (const char* part : {"ca_file: /nope/ca", "cert_file: /nope/cert", "key_file: /nope/key"})
    EXPECT_THAT(text.problems(), HasSubstr("warning: " + std::string(part) + " cannot be read here")) << part;
}

TEST(Load, RejectsCertificatesThatWouldBeWaitedFor) {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string field : {"ca_file", "cert_file", "key_file"})
    for (const auto& [path, what] : {std::pair{pipe, "a pipe"}, std::pair{std::string("/dev/zero"), "a device"}}) {
      ConfigurationText text;
      text.pbx += "    tls: { " + field + ": " + path + " }\n";
      EXPECT_THAT(text.problems(), HasSubstr("error: " + field + ": " + path + " cannot be used: it is " + what));
    }
}

TEST(Load, RejectsWhatIsNoMap) {
  EXPECT_EQ(format_problems(load_config_text("- a\n", sample_sink_types()).report, "f"),
            "f:1:1: error: expected a map (name: value), found a list\n");
}

TEST(Load, RejectsAnUnknownTypeOfSink) {
  ConfigurationText text;
  text.sinks = "  first: { type: sampel }\n";
  EXPECT_EQ(
      text.problems(),
      "f.yaml:7:18: error: there is no sink of type \"sampel\"; expected one of sample, did you mean \"sample\"?\n");
  text.sinks = "  first: {}\n";
  EXPECT_EQ(text.problems(), "f.yaml:7:10: error: missing \"type\"\n");
  text.sinks = "  first: sample\n";
  EXPECT_EQ(text.problems(), "f.yaml:7:10: error: expected a map (name: value), found a text\n");
}

TEST(Load, RejectsANameThatIsTakenOrUnfit) {
  ConfigurationText text;
  text.pbx += text.pbx;
  EXPECT_EQ(text.problems(), "f.yaml:6:5: error: the name \"hq\" is taken by the PBX in line 2\n");
  text = {};
  text.sinks += "  first: { type: sample, address: there }\n";
  EXPECT_EQ(text.problems(), "f.yaml:8:3: error: duplicate key \"first\", first given in line 7\n");
  text = {};
  text.sinks = "  \"a b\": { type: sample, address: there }\n";
  EXPECT_THAT(text.problems(), HasSubstr("7:3: error: a name has 1 to 64 letters"));
}

TEST(Load, ChecksTheAddressOfTheAdminEndpoint) {
  ConfigurationText text;
  for (const char* address : {"8686", "localhost", "localhost:80", "999.1.1.1:80", "[127.0.0.1]:80",
                              "127.0.0.1:", "127.0.0.1:99999", "::1:80"}) {
    text.rest = "admin: { listen: \"" + std::string(address) + "\" }\n";
    EXPECT_THAT(text.problems(), HasSubstr("expected an IP address and a port")) << address;
  }
  text.rest = "admin: { listen: \"\" }\n";
  EXPECT_EQ(text.problems(), "");
}

TEST(Load, TellsWhyAFileCannotBeRead) {
  const test::TemporaryDirectory directory;
  EXPECT_THAT(format_problems(load_config(directory / "none.yaml", sample_sink_types()).report, "none.yaml"),
              HasSubstr("none.yaml: error: cannot read "));
  std::ofstream(directory / "f.yaml") << ConfigurationText().text();
  EXPECT_FALSE(load_config(directory / "f.yaml", sample_sink_types()).report.has_errors());
}

}  // namespace
}  // namespace pbxbridge::config
