// Reloads of what is neither a sink nor a PBX, and what starts one: files that `run --watch` watches, the admin
// endpoint, the bounds of the spool; and how a removed sink is forgotten.

#include "free_port.hpp"
#include "http_exchange.hpp"
#include "mosquitto_broker.hpp"
#include "process.hpp"
#include "reload_fixture.hpp"

#include <gmock/gmock.h>

#include <signal.h>

namespace pbxbridge::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string applied = R"(pbxbridge_config_reloads_total{result="applied"})";
const std::string connections_of_lake = R"(pbxbridge_sink_connections_total{sink="lake"})";
constexpr const char* token = "a token of more than sixteen characters";

class ReloadFiles : public ReloadTest {
 protected:
  void start_watching(const std::string& text) {
    bridge_ = std::make_unique<BridgeProcess>(text, Process::Options{}, "", std::vector<std::string>{"--watch"});
    ASSERT_TRUE(wait_until_subscribed(*bridge_, 1)) << bridge_->process().transcript();
  }

  /// Completes the configuration as `BridgeProcess` does, with an `admin` of its own.
  std::string complete(const std::vector<Target>& targets, const std::string& admin = "listen: \"127.0.0.1:0\"") const {
    return configuration(targets) + same_spool() + "admin: { " + admin + " }\n";
  }
  /// A version of the configuration in a volume as the kubelet makes it of a ConfigMap: `..data` leads to it, and the
  /// file through that.
  void publish(const std::string& version, const std::vector<Target>& targets) const {
    const fs::path file = bridge_->configuration_file();
    fs::create_directory(home() / version);
    std::ofstream(home() / version / file.filename()) << complete(targets);
    swap_link(version, home() / "..data");
    if (!fs::is_symlink(file)) swap_link("..data" / file.filename(), file);
  }
  static void swap_link(const fs::path& target, const fs::path& link) {
    fs::create_symlink(target, link.string() + ".new");
    fs::rename(link.string() + ".new", link);
  }

  /// A sink `lake` of that entry, which takes marks.
  std::string with_lake(const std::string& entry) const {
    return "pbx:\n" + pbx("hq") + "sinks:\n  out: { type: stdout, format: raw }\n  lake: { " + entry +
           " }\nroutes:\n  - { match: {}, to: { sink: out } }\n"
           "  - { match: { event_type: mark }, to: { sink: lake, topic: marks } }\n" +
           more_;
  }

  void reload_with_admin(const std::string& admin, const std::vector<Target>& targets = {}) const {
    std::ofstream(bridge_->configuration_file()) << complete(targets, admin);
    bridge_->process().send_signal(SIGHUP);
  }
  static std::string status_line(const std::string& port, const std::string& headers = "") {
    const std::string answer =
        http_exchange(port, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + headers + "\r\n");
    return answer.substr(0, answer.find('\r'));
  }

  Ended forget(const std::string& sink, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        bridge_executable(), "spool", "forget", "--config", bridge_->configuration_file().string(), sink};
    words.insert(words.end(), more.begin(), more.end());
    return run_to_end(words);
  }
};

TEST_F(ReloadFiles, AChangedFileIsReloadedByItself) {
  start_watching(configuration({}));
  bridge_->write_configuration(configuration({{"lake"}}));
  ASSERT_TRUE(bridge_->wait_for_metric(applied, 1));
  push("first");
  expect_marks("lake", {"first"});
}

TEST_F(ReloadFiles, SoIsAConfigMapOfWhichALinkAloneIsSwapped) {
  start_watching(configuration({}));
  publish("..1", {{"lake"}});
  ASSERT_TRUE(bridge_->wait_for_log("sinks added: lake"));
  publish("..2", {{"lake"}, {"pond"}});
  ASSERT_TRUE(bridge_->wait_for_log("sinks added: pond"));
  push("first");
  expect_marks("lake", {"first"});
  expect_marks("pond", {"first"});
}

TEST_F(ReloadFiles, AFileWithErrorsIsToldAndReloadedOnceItIsFixed) {
  start_watching(configuration({}));
  bridge_->write_configuration(configuration({{"lake"}}) + "no_such_key: 1\n");
  EXPECT_THAT(log_of(*bridge_, "process.reload_rejected"), HasSubstr("no_such_key"));
  bridge_->write_configuration(configuration({{"lake"}}));
  ASSERT_TRUE(bridge_->wait_for_metric(applied, 1));
  push("first");
  expect_marks("lake", {"first"});
}

TEST_F(ReloadFiles, ASinkTakesARenewedCertificateAndThePbxKeepsItsConnection) {
  MosquittoBroker broker({.tls = true});
  const fs::path ca = directory_ / "ca.pem";
  fs::copy_file(broker.ca_file(), ca);
  start_watching(with_lake("type: mqtt, url: mqtts://localhost:" + std::to_string(broker.tls_port()) +
                           ", tls: { ca_file: " + ca.string() + " }"));
  ASSERT_TRUE(bridge_->wait_for_metric(connections_of_lake, 1)) << bridge_->process().transcript();
  std::ofstream(ca, std::ios::app) << "# renewed\n";
  ASSERT_TRUE(bridge_->wait_for_metric(applied, 1));
  ASSERT_TRUE(bridge_->wait_for_metric(connections_of_lake, 2));
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_pbx_connections_total{pbx="hq"})"), 1);
  push("first");
  EXPECT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_events_delivered_total{sink="lake"})", 1));
}

TEST_F(ReloadFiles, ASinkTakesANewSecret) {
  MosquittoBroker broker({.users = {{"bridge", "new password"}}});
  const fs::path secret = directory_ / "secret";
  std::ofstream(secret) << "old password";
  start_watching(with_lake("type: mqtt, url: mqtt://127.0.0.1:" + std::to_string(broker.port()) +
                           ", username: bridge, password_file: " + secret.string()));
  ASSERT_TRUE(bridge_->wait_for_log("sink.connection_failed")) << "and it would try again after half a minute";
  std::ofstream(secret) << "new password";
  ASSERT_TRUE(bridge_->wait_for_metric(connections_of_lake, 1)) << bridge_->process().transcript();
}

TEST_F(ReloadFiles, TheAdminEndpointMovesAndTakesAToken) {
  start(std::vector<Target>{});
  const std::string port = std::to_string(free_port());
  reload_with_admin("listen: \"127.0.0.1:" + port + "\"");
  ASSERT_TRUE(eventually([&] { return status_line(port) == "HTTP/1.1 200 OK"; })) << bridge_->process().transcript();
  EXPECT_EQ(status_line(bridge_->admin_port()), "");
  reload_with_admin("listen: \"127.0.0.1:" + port + "\", token: \"" + token + "\"");
  ASSERT_TRUE(eventually([&] { return status_line(port).starts_with("HTTP/1.1 401"); }));
  EXPECT_EQ(status_line(port, std::string("Authorization: Bearer ") + token + "\r\n"), "HTTP/1.1 200 OK");
  reload_with_admin("listen: \"0.0.0.0:" + port + "\", allow_unauthenticated: true");
  ASSERT_TRUE(eventually([&] { return status_line(port) == "HTTP/1.1 200 OK"; })) << "the same port by another address";
}

TEST_F(ReloadFiles, AnAddressThatIsTakenLeavesAllAsItWas) {
  start(std::vector<Target>{});
  reload_with_admin("listen: \"127.0.0.1:" + std::to_string(simulator_.port()) + "\"", {{"lake"}});
  EXPECT_THAT(log_of(*bridge_, "process.reload_rejected"), HasSubstr("admin.listen"));
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_config_reloads_total{result="rejected"})"), 1) << "it answers where it did";
  EXPECT_EQ(status()["sinks"].size(), 1U);
}

TEST_F(ReloadFiles, TheBoundsOfTheSpoolAreTaken) {
  start(std::vector<Target>{});
  more_ =
      same_spool(", max_size: 5MiB, max_age: 1h, full: reject_newest, sync: interval, queue_size: 1MiB, max_pause: 1s");
  reload(std::vector<Target>{});
  EXPECT_EQ(status()["spool"]["max_bytes"], 5 * 1024 * 1024);
  EXPECT_EQ(status()["configuration"]["last_reload"]["problem"], nullptr) << "none of them needs a restart";
  push("still there");
}

TEST_F(ReloadFiles, ARemovedSinkIsForgottenByTheBridgeThatRuns) {
  start({{"lake"}});
  EXPECT_EQ(forget("lake").exit_code, 1);
  EXPECT_THAT(forget("lake").transcript, HasSubstr("is in the configuration"));
  push("first");
  expect_marks("lake", {"first"});
  reload(std::vector<Target>{});
  push("second");
  const Ended forgotten = forget("lake", {"--json"});
  EXPECT_EQ(forgotten.exit_code, 0) << forgotten.transcript;
  EXPECT_THAT(forgotten.transcript, HasSubstr("\"events_kept\":"));
  EXPECT_EQ(forget("lake").exit_code, 1) << "twice";
  reload({{"lake"}});
  push("third");
  expect_marks("lake", {"first", "third"});
}

TEST_F(ReloadFiles, ARemovedSinkIsForgottenAtRest) {
  start({{"lake"}});
  push("first");
  expect_marks("lake", {"first"});
  reload(std::vector<Target>{});
  push("second");
  EXPECT_EQ(bridge_->stop(), 0);
  EXPECT_THAT(forget("lake").transcript, HasSubstr("sink lake is forgotten"));
  EXPECT_EQ(forget("lake").exit_code, 1);
  EXPECT_EQ(forget("out").exit_code, 1) << "it is in the configuration";
  more_ = same_spool();
  const auto before = std::move(bridge_);
  start({{"lake"}});
  push("third");
  expect_marks("lake", {"first", "third"});
}

}  // namespace
}  // namespace pbxbridge::test
