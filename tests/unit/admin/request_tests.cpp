#include "admin/access.hpp"
#include "admin/request.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace pbxbridge::admin {
namespace {

Request asking(std::string_view target, std::vector<std::string_view> hosts = {"localhost"}) {
  return in_origin_form(
      {.method = "GET", .target = target, .hosts = std::move(hosts), .authorization = {}, .origin = {}});
}

TEST(InOriginForm, IsThePathOfAnAbsoluteTarget) {
  EXPECT_EQ(asking("http://127.0.0.1:8686/livez").target, "/livez");
  EXPECT_EQ(asking("HTTP://localhost/metrics?x=1").target, "/metrics?x=1");
  EXPECT_EQ(asking("https://bridge.example/").target, "/") << "behind a proxy that ends TLS";
  EXPECT_EQ(asking("http://127.0.0.1:8686").target, "/");
  EXPECT_EQ(asking("http://127.0.0.1:8686?x=http://a/b").target, "/");
}

TEST(InOriginForm, LeavesOthersAsTheyAre) {
  for (const std::string_view target :
       {"/livez", "/http://127.0.0.1/livez", "*", "127.0.0.1:80", "ftp://127.0.0.1/livez"}) {
    EXPECT_EQ(asking(target).target, target);
    EXPECT_EQ(asking(target).hosts, std::vector<std::string_view>{"localhost"}) << target;
  }
}

// RFC 9112, 3.2.2: the Host header does not count.
TEST(InOriginForm, TakesTheHostFromTheTarget) {
  EXPECT_EQ(asking("http://evil.example:80/status").hosts, std::vector<std::string_view>{"evil.example:80"});
  EXPECT_EQ(asking("http://127.0.0.1", {}).hosts, std::vector<std::string_view>{"127.0.0.1"});
  EXPECT_EQ(asking("http://127.0.0.1/", {"a", "b"}).hosts.size(), 2U) << "which no answer may follow but a rejection";
}

TEST(InOriginForm, LetsNobodyPassByAnotherNameThanTheTargets) {
  const Access access;
  const auto verdict = [&](std::string_view target) { return access.judge(asking(target)); };
  EXPECT_EQ(verdict("http://127.0.0.1:8686/status"), Access::Verdict::allowed);
  for (const std::string_view target :
       {"http://evil.example/status", "http:///status", "http://", "http://127.0.0.1@evil.example/status",
        "http://127.0.0.1:80@evil.example/status", "http://evil.example#@127.0.0.1/",
        "http://evil.example\\@127.0.0.1/"})
    EXPECT_EQ(verdict(target), Access::Verdict::unknown_host) << target;
}

}  // namespace
}  // namespace pbxbridge::admin
