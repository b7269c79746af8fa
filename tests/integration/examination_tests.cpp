// `pbxbridge check --connect`: PBXs and the spool, and what it leaves behind.

#include "directory_contents.hpp"
#include "examination.hpp"
#include "free_port.hpp"
#include "session_fixture.hpp"
#include "small_disk.hpp"
#include "unreachable_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>

namespace pbxbridge::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

/// One PBX at `url`, with `auth` and fields of its own.
std::string pbx_at(const std::string& url, const std::string& more = "",
                   const std::string& auth = "{ username: bridge, domain: example.test, password: secret }") {
  return "pbx:\n  - name: hq\n    url: " + url + "\n    auth: " + auth + "\n" + more +
         "    subscribe: [ { topic: cdr_events } ]\n" + to_stdout;
}

class PbxExamination : public testing::Test {
 protected:
  Examined examine_pbx(const std::string& configuration) {
    return examine(configuration + spool_in(directory_ / "spool"));
  }
  TemporaryDirectory directory_;
};

TEST_F(PbxExamination, FindsEachStepInOrder) {
  Simulator simulator({"--tls"});
  const Examined found = examine_pbx(everything_over_tls(simulator) + to_stdout);
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  std::vector<std::string> steps;
  for (const auto& finding : found.findings)
    if (finding["subject"] == "pbx hq") steps.push_back(finding["step"]);
  EXPECT_THAT(steps, testing::ElementsAre("TCP", "TLS", "handshake", "account", "topic extension_events (2 extensions)",
                                          "topic extension_management_events", "topic queue_events (1 queue)",
                                          "topic queue_management_events", "topic cdr_events"))
      << found.transcript;
  EXPECT_THAT(found.words("pbx hq", "TLS"),
              AllOf(HasSubstr("TLSv1.3, certificate for "), HasSubstr("issued by CN="), HasSubstr("days left")));
  EXPECT_THAT(found.words("pbx hq", "topic cdr_events"), HasSubstr("Analytics: View Only"));
}

TEST_F(PbxExamination, EndsItsSessionAndLeavesTheOneThatRunsAlone) {
  Simulator simulator;
  const std::string configuration = everything_of(simulator.url()) + to_stdout + spool_in(directory_ / "spool");
  BridgeProcess bridge(configuration);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  const Examined found = examine(configuration);
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_THAT(found.words("spool", "use"), HasSubstr("a running pbxbridge uses it"));
  EXPECT_TRUE(simulator.wait_for("client 3 unsubscribed cdr_events")) << simulator.process().transcript();
  expect_events_flow(simulator, bridge, "after-the-examination");
  EXPECT_EQ(bridge.metric(reconnects), 0);
  EXPECT_EQ(bridge.stop(), 0);
}

TEST_F(PbxExamination, AsksForEachListOfTheRestInterface) {
  Simulator simulator;
  const std::string url = simulator.url();
  const std::string rest = "http" + url.substr(2, url.rfind('/') - 2) + "/api";
  const Examined found = examine_pbx(pbx_at(url, "    rest: { url: \"" + rest + "\" }\n"));
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  for (const std::string list : {"sessions", "call_queues", "users"})
    EXPECT_EQ(found.level("pbx hq", "rest /" + list), "ok") << found.transcript;

  const Examined rejected =
      examine_pbx(pbx_at(url, "    rest: { url: \"" + rest + "\", username: dennis, password: secret }\n"));
  EXPECT_EQ(rejected.exit_code, 69) << rejected.transcript;
  EXPECT_THAT(rejected.words("pbx hq", "rest /users"), HasSubstr("403"));
  EXPECT_THAT(rejected.remedy("pbx hq", "rest /users"), HasSubstr("role Admin"));
}

TEST_F(PbxExamination, TellsARejectedTopicWithItsPermission) {
  Simulator simulator;
  simulator.command("reject queue_events no permission");
  const Examined found = examine_pbx(everything_of(simulator.url()) + to_stdout);
  EXPECT_EQ(found.exit_code, 69) << found.transcript;
  EXPECT_EQ(found.level("pbx hq", "topic queue_events (1 queue)"), "error");
  EXPECT_THAT(found.words("pbx hq", "topic queue_events (1 queue)"), HasSubstr("no permission"));
  EXPECT_THAT(found.remedy("pbx hq", "topic queue_events (1 queue)"),
              AllOf(HasSubstr("\"Analytics: View Only\""), HasSubstr("Roles and Permissions")));
  EXPECT_EQ(found.level("pbx hq", "topic cdr_events"), "ok");
}

TEST_F(PbxExamination, TellsASilentTopic) {
  Simulator simulator({"--no-subscribe-answers"});
  const Examined found = examine_pbx(pbx_at(simulator.url(), "    subscribe_timeout: 300ms\n"));
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("pbx hq", "topic cdr_events"), "warning");
  EXPECT_THAT(found.words("pbx hq", "topic cdr_events"), HasSubstr("no answer within 0.3 s"));
}

TEST_F(PbxExamination, TellsARejectedAccountAndNeverItsPassword) {
  Simulator simulator;
  const Examined found =
      examine_pbx(pbx_at(simulator.url(), "", "{ username: bridge, domain: example.test, password: open-sesame }"));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("pbx hq", "handshake"), "ok") << found.transcript;
  EXPECT_EQ(found.level("pbx hq", "account"), "error");
  EXPECT_THAT(found.words("pbx hq", "account"), HasSubstr("password error"));
  EXPECT_THAT(found.transcript, Not(HasSubstr("open-sesame")));
}

TEST_F(PbxExamination, TellsAPasswordThatCannotBeRead) {
  Simulator simulator;
  const Examined found = examine_pbx(
      pbx_at(simulator.url(), "", "{ username: bridge, domain: example.test, password_file: /no/such/password }"));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("pbx hq", "account"), HasSubstr("/no/such/password")) << found.transcript;
  EXPECT_THAT(found.remedy("pbx hq", "account"), HasSubstr("correct the path of the file"));
}

TEST_F(PbxExamination, TellsAWrongPath) {
  Simulator simulator;
  std::string url = simulator.url();
  url.replace(url.find("/wsi"), 4, "/other");
  const Examined found = examine_pbx(pbx_at(url));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("pbx hq", "handshake"), "error") << found.transcript;
  EXPECT_THAT(found.words("pbx hq", "handshake"), HasSubstr("404"));
}

TEST_F(PbxExamination, TellsAnUnknownAuthority) {
  Simulator simulator({"--tls"});
  const Examined found = examine_pbx(pbx_at(simulator.url()));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("pbx hq", "TLS"), "error") << found.transcript;
  EXPECT_THAT(found.words("pbx hq", "TLS"), AllOf(HasSubstr("not trusted"), HasSubstr("issued by")));
  EXPECT_THAT(found.remedy("pbx hq", "TLS"), HasSubstr("tls.ca_file"));
  EXPECT_EQ(found.level("pbx hq", "account"), "none");
}

TEST_F(PbxExamination, TellsTheNameThatTheCertificateHas) {
  Simulator simulator({"--tls-name", "pbx.example.test"});
  const Examined found = examine_pbx(everything_over_tls(simulator) + to_stdout);
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("pbx hq", "TLS"), HasSubstr("for pbx.example.test")) << found.transcript;
  EXPECT_THAT(found.remedy("pbx hq", "TLS"), HasSubstr("tls.server_name: pbx.example.test"));
}

TEST_F(PbxExamination, WarnsWhereTheCertificateIsNotVerified) {
  Simulator simulator({"--tls"});
  const Examined found = examine_pbx(pbx_at(simulator.url(), "    tls: { insecure_skip_verify: true }\n"));
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("pbx hq", "TLS"), "warning");
}

TEST_F(PbxExamination, TellsAPortWithoutTls) {
  Simulator simulator;
  std::string url = simulator.url();
  url.replace(0, 2, "wss");
  const Examined found = examine_pbx(pbx_at(url));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("pbx hq", "TLS"), HasSubstr("is that port without TLS?")) << found.transcript;
}

TEST_F(PbxExamination, TellsAClosedPort) {
  const Examined found = examine_pbx(pbx_at("ws://127.0.0.1:" + std::to_string(free_port()) + "/wsi"));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("pbx hq", "TCP"), HasSubstr("onnection refused")) << found.transcript;
}

TEST_F(PbxExamination, TellsPortsThatAnswerNothing) {
  const BlackHole swallowing;
  const MuteListener mute;
  const std::string quick = "    connect_timeout: 500ms\n";
  const Examined unanswered = examine_pbx(pbx_at("ws://" + swallowing.address() + "/wsi", quick));
  EXPECT_EQ(unanswered.exit_code, 69);
  EXPECT_EQ(unanswered.level("pbx hq", "TCP"), "error") << unanswered.transcript;
  const Examined without_tls = examine_pbx(pbx_at("wss://" + mute.address() + "/wsi", quick));
  EXPECT_EQ(without_tls.exit_code, 69);
  EXPECT_THAT(without_tls.words("pbx hq", "TLS"), HasSubstr("not answered within 0.5 s")) << without_tls.transcript;
  const Examined without_handshake = examine_pbx(pbx_at("ws://" + mute.address() + "/wsi", quick));
  EXPECT_EQ(without_handshake.exit_code, 69);
  EXPECT_EQ(without_handshake.level("pbx hq", "handshake"), "error") << without_handshake.transcript;
}

TEST_F(PbxExamination, TellsANameThatNobodyHas) {
  const Examined found = examine_pbx(pbx_at("wss://pbx.invalid:8887/wsi"));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("pbx hq", "name"), HasSubstr("pbx.invalid")) << found.transcript;
}

TEST_F(PbxExamination, TellsThatThePbxAnswersNoAuth) {
  Simulator simulator;
  simulator.command("silent on");
  const Examined found = examine_pbx(pbx_at(simulator.url(), "    connect_timeout: 1s\n"));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_NE(found.level("pbx hq", "account") + found.level("pbx hq", "handshake"), "okok") << found.transcript;
}

TEST_F(PbxExamination, KeepsTheOrderOfTheFileThoughAllAreExaminedAtOnce) {
  const MuteListener mute;
  Simulator simulator;
  const std::string slow = "  - name: slow\n    url: ws://" + mute.address() +
                           "/wsi\n    connect_timeout: 1s\n    auth: { username: a, password: b }\n"
                           "    subscribe: [ { topic: cdr_events } ]\n";
  std::string configuration = pbx_at(simulator.url());
  configuration.insert(configuration.find("  - name: hq"), slow);
  const Examined found = examine_pbx(configuration);
  std::vector<std::string> subjects;
  for (const auto& finding : found.findings)
    if (subjects.empty() || subjects.back() != finding["subject"]) subjects.push_back(finding["subject"]);
  EXPECT_THAT(subjects, testing::ElementsAre("pbx slow", "pbx hq", "sink out", "spool")) << found.transcript;
}

TEST(Examination, IsNotMadeOfAConfigurationWithErrors) {
  const Examined found = examine("pbx: [ { name: hq } ]\n");
  EXPECT_EQ(found.exit_code, 78) << found.transcript;
  EXPECT_TRUE(found.findings.empty());
}

TEST(Examination, IsForPeopleALineAFindingWithMarkAndRemedy) {
  const TemporaryDirectory directory;
  std::ofstream(directory / "bridge.yaml")
      << pbx_at("ws://127.0.0.1:" + std::to_string(free_port()) + "/wsi") << spool_in(directory / "spool");
  const Ended ended =
      run_to_end({bridge_executable(), "check", "--config", (directory / "bridge.yaml").string(), "--connect"});
  EXPECT_EQ(ended.exit_code, 69);
  EXPECT_THAT(ended.output, Contains(MatchesRegex("✗ pbx hq, TCP: .*onnection refused.* → .*")));
  EXPECT_THAT(ended.output, Contains(MatchesRegex("✓ spool, writable: .*")));
  EXPECT_THAT(ended.output.back(), HasSubstr("1 error, ")) << ended.transcript;
}

class SpoolExamination : public testing::Test {
 protected:
  Examined examine_spool(const std::string& spool) { return examine(pbx_at(simulator_.url()) + spool); }
  Simulator simulator_;
  TemporaryDirectory directory_;
};

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(directory)) names.push_back(each.path().filename());
  return names;
}

TEST_F(SpoolExamination, MeasuresAndLeavesNothing) {
  const Examined found = examine_spool(spool_in(directory_ / "new" / "spool"));
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_THAT(found.words("spool", "writable"), HasSubstr("does not exist yet"));
  EXPECT_THAT(found.words("spool", "fsync"), MatchesRegex("p50 .* ms, p99 .* ms, of 200 tries with 4 KiB.*"));
  EXPECT_NE(found.level("spool", "file system"), "none");
  EXPECT_THAT(names_in(directory_.path()), testing::IsEmpty());
}

TEST_F(SpoolExamination, TellsANewerFormatAndLeavesItUntouched) {
  const auto spool = directory_ / "spool";
  std::filesystem::copy(PBXBRIDGE_SOURCE_DIRECTORY "/tests/data/spool-format-99", spool,
                        std::filesystem::copy_options::recursive);
  const auto before = contents_of(spool);
  const Examined found = examine_spool(spool_in(spool));
  EXPECT_EQ(found.exit_code, 69) << found.transcript;
  EXPECT_THAT(found.words("spool", "format"), HasSubstr("pbxbridge 9.0.0 in format 99"));
  EXPECT_EQ(contents_of(spool), before);
}

TEST_F(SpoolExamination, TellsADirectoryThatCannotBeWrittenTo) {
  std::ofstream(directory_ / "file") << "no directory";
  const Examined found = examine_spool(spool_in(directory_ / "file" / "spool"));
  EXPECT_EQ(found.exit_code, 69) << found.transcript;
  EXPECT_EQ(found.level("spool", "directory"), "error");
  // Nobody may write there, root included.
  const Examined unwritable = examine_spool(spool_in("/proc/pbxbridge"));
  EXPECT_EQ(unwritable.exit_code, 69);
  EXPECT_EQ(unwritable.level("spool", "writable"), "error") << unwritable.transcript;
}

TEST_F(SpoolExamination, TellsAFullDisk) {
  const auto disk = SmallDisk::mount(8);
  ASSERT_NE(disk, nullptr) << "this test mounts a small disk";
  disk->fill_up();
  const Examined found = examine_spool(spool_in(disk->path()));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("spool", "space"), "error") << found.transcript;
  EXPECT_EQ(found.level("spool", "writable"), "error");
  EXPECT_THAT(found.words("spool", "file system"), HasSubstr("tmpfs: what is on it is lost"));
}

TEST_F(SpoolExamination, WarnsOfASpoolInMemory) {
  const Examined found = examine_spool("spool: { type: memory }\n");
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("spool", "type"), "warning");
}

}  // namespace
}  // namespace pbxbridge::test
