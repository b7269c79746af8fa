// Access to the admin endpoint of a running bridge, and what its answers keep a browser from.

#include "http_exchange.hpp"
#include "process.hpp"
#include "session_fixture.hpp"
#include "temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;
using testing::Not;

Ended run(const std::string& command, const std::filesystem::path& file) {
  return run_to_end({bridge_executable(), command, "--config", file.string()});
}

TEST(AdminAccess, WantsItsTokenForAllButProbes) {
  TemporaryDirectory directory;
  std::ofstream(directory / "token") << "a-long-random-token\n";
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout, {}, "token_file: " + (directory / "token").string());
  const auto ask = [&](const std::string& path, const std::string& header) {
    return http_exchange(bridge.admin_port(),
                         "GET " + path + " HTTP/1.1\r\nHost: any.example\r\n" + header + "Connection: close\r\n\r\n");
  };
  EXPECT_THAT(ask("/livez", ""), HasSubstr("200 OK"));
  EXPECT_THAT(ask("/readyz", ""), HasSubstr("200 OK"));
  for (const char* path : {"/metrics", "/status", "/"}) {
    const std::string rejected = ask(path, "");
    EXPECT_THAT(rejected, HasSubstr("401 Unauthorized")) << path;
    EXPECT_THAT(rejected, HasSubstr("WWW-Authenticate: ")) << path;
    EXPECT_THAT(rejected, Not(HasSubstr("a-long-random-token"))) << path;
    EXPECT_THAT(ask(path, "Authorization: Bearer wrong\r\n"), HasSubstr("401")) << path;
    EXPECT_THAT(ask(path, "Authorization: Bearer a-long-random-token\r\n"), HasSubstr("200 OK")) << path;
  }
}

TEST(AdminAccess, AnswersNoOneElsesNameWithoutAToken) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout, {}, "hosts: [ bridge.example ]");
  const auto ask = [&](const std::string& path, const std::string& host) {
    return http_exchange(bridge.admin_port(),
                         "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  for (const char* path : {"/metrics", "/status", "/"}) {
    EXPECT_THAT(ask(path, "evil.example"), HasSubstr("403 Forbidden")) << path;
    EXPECT_THAT(ask(path, "evil.example"), HasSubstr("admin.hosts")) << path;
    EXPECT_THAT(ask(path, "bridge.example:80"), HasSubstr("200 OK")) << path;
    EXPECT_THAT(ask(path, "localhost:" + bridge.admin_port()), HasSubstr("200 OK")) << path;
  }
  EXPECT_THAT(ask("/livez", "evil.example"), HasSubstr("200 OK")) << "a probe tells nothing";
}

TEST(AdminAccess, EveryAnswerKeepsABrowserFromDoingMoreWithIt) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  for (const char* path : {"/livez", "/metrics", "/status", "/", "/nothing"}) {
    const std::string answer = http_exchange(
        bridge.admin_port(), std::string("GET ") + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    for (const char* header : {"X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Cache-Control: no-store",
                               "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src 'none'",
                               "Cross-Origin-Resource-Policy: same-origin"})
      EXPECT_THAT(answer, HasSubstr(header)) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const std::string answer = http_exchange(
        bridge.admin_port(), std::string(method) + " /status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("405 Method Not Allowed")) << method;
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD")) << method;
  }
}

TEST(AdminAccess, OtherThanLoopbackNeedsATokenOrAnExplicitWord) {
  TemporaryDirectory directory;
  Simulator simulator;
  const auto file = directory / "pbxbridge.yaml";
  const auto check = [&](const std::string& admin) {
    std::ofstream(file) << everything_of(simulator.url()) << to_stdout << "spool: { type: memory }\nadmin: " << admin
                        << '\n';
    return run("check", file);
  };
  const Ended rejected = check("{ listen: \"0.0.0.0:0\" }");
  EXPECT_EQ(rejected.exit_code, 78);
  EXPECT_THAT(rejected.transcript, HasSubstr("admin.token"));
  EXPECT_EQ(run("run", file).exit_code, 78);
  const Ended warned = check("{ listen: \"0.0.0.0:0\", allow_unauthenticated: true }");
  EXPECT_EQ(warned.exit_code, 0);
  EXPECT_THAT(warned.transcript, HasSubstr("warning"));
  const Ended safe = check("{ listen: \"0.0.0.0:0\", token: \"${PBXBRIDGE_TEST_TOKEN:-0123456789abcdef}\" }");
  EXPECT_EQ(safe.exit_code, 0);
  EXPECT_THAT(safe.transcript, Not(HasSubstr("listen")));
  EXPECT_EQ(check("{ listen: \"0.0.0.0:0\", token: \"short\" }").exit_code, 78);
}

}  // namespace
}  // namespace pbxbridge::test
