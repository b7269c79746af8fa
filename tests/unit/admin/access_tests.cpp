#include "admin/access.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::admin {
namespace {

using Verdict = Access::Verdict;

Request asking(std::vector<std::string_view> hosts, std::string_view authorization = {}) {
  return {.method = "GET", .target = "/metrics", .hosts = std::move(hosts), .authorization = authorization};
}

TEST(Access, TakesRequestsForAnAddressOrLocalhostWhereNoTokenIsSet) {
  const Access access;
  for (const char* host : {"127.0.0.1", "127.0.0.1:8686", "192.0.2.7:80", "[::1]:8686", "[::1]", "localhost",
                           "LocalHost:8686", "localhost."})
    EXPECT_EQ(access.judge(asking({host})), Verdict::allowed) << host;
  EXPECT_EQ(access.judge(asking({})), Verdict::allowed) << "HTTP/1.0, which no browser speaks";
}

TEST(Access, TakesNoNameThatSomebodyElseCanMakeMeanThisMachine) {
  const Access access;
  for (const char* host :
       {"evil.example", "evil.example:8686", "127.0.0.1.evil.example", "localhost.evil.example",
        "127.0.0.1@evil.example", "127.0.0.1:80@evil.example", "evil.example#localhost", "0x7f.1", "2130706433",
        "127.1", "[::1", "[evil.example]", "", ":8686", ".", "xlocalhost", "localhost\tx", " localhost"})
    EXPECT_EQ(access.judge(asking({host})), Verdict::unknown_host) << host;
  EXPECT_EQ(access.judge(asking({"localhost", "evil.example"})), Verdict::unknown_host);
  EXPECT_EQ(access.judge(asking({"localhost", "localhost"})), Verdict::unknown_host);
}

TEST(Access, TakesTheNamesThatAreConfigured) {
  const Access access({.token = {}, .hosts = {"pbxbridge", "bridge.example.com"}});
  EXPECT_EQ(access.judge(asking({"pbxbridge:8686"})), Verdict::allowed);
  EXPECT_EQ(access.judge(asking({"Bridge.Example.com."})), Verdict::allowed);
  EXPECT_EQ(access.judge(asking({"bridge.example.com.evil"})), Verdict::unknown_host);
}

TEST(Access, AsksForTheTokenWhereOneIsSet) {
  const Access access({.token = "correct horse", .hosts = {}});
  EXPECT_EQ(access.judge(asking({"anything.example"}, "Bearer correct horse")), Verdict::allowed);
  EXPECT_EQ(access.judge(asking({"127.0.0.1"}, "bearer  correct horse")), Verdict::allowed);
  // Basic anybody:correct horse
  EXPECT_EQ(access.judge(asking({"127.0.0.1"}, "Basic YW55Ym9keTpjb3JyZWN0IGhvcnNl")), Verdict::allowed);
  for (const char* authorization : {"", "Bearer", "Bearer ", "Bearer correct", "Bearer correct horse ",
                                    "Bearer Correct horse", "correct horse", "Basic", "Basic ", "Basic ====",
                                    "Basic !!!!", "Basic Y29ycmVjdCBob3JzZQ==", "Basic YTpi", "Digest correct horse"})
    EXPECT_EQ(access.judge(asking({"127.0.0.1"}, authorization)), Verdict::wrong_token) << authorization;
}

}  // namespace
}  // namespace pbxbridge::admin
