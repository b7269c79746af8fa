#include "admin/responses.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::admin {
namespace {

class ResponsesTest : public testing::Test {
 protected:
  Response ask(std::string_view method, std::string_view target, std::string_view host = "127.0.0.1") const {
    return respond({.method = method, .target = target, .hosts = {host}, .authorization = {}}, access_, probes_);
  }

  Access access_;
  bool writable_ = true;
  Probes probes_{.spool_writable = [this] { return writable_; },
                 .metrics = [] { return std::string("a 1\n"); },
                 .status = [] { return std::string("{}"); },
                 .page = [](std::string_view) { return std::nullopt; }};
};

TEST_F(ResponsesTest, IsAliveWhileItAnswers) {
  writable_ = false;
  EXPECT_EQ(ask("GET", "/livez").status, 200U);
}

TEST_F(ResponsesTest, IsReadyWhileTheSpoolTakesEventsIn) {
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
  writable_ = false;
  const Response response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.body, "not ready: the spool accepts no events\n");
}

TEST_F(ResponsesTest, ServesMetricsInPrometheusText) {
  const Response response = ask("GET", "/metrics?x=1");
  EXPECT_EQ(response.body, "a 1\n");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ResponsesTest, RejectsWhatItDoesNotKnow) {
  EXPECT_EQ(ask("GET", "/nothing").status, 404U);
  EXPECT_EQ(ask("POST", "/metrics").status, 405U);
  EXPECT_EQ(ask("POST", "/nothing").status, 405U);
  EXPECT_EQ(ask("HEAD", "/livez").status, 200U);
}

TEST_F(ResponsesTest, TellsNobodyElseButThatItWorks) {
  for (const char* path : {"/metrics", "/", "/nothing"})
    EXPECT_EQ(ask("GET", path, "evil.example").status, 403U) << path;
  access_ = Access({.token = "0123456789abcdef", .hosts = {}});
  for (const char* path : {"/metrics", "/", "/nothing"}) EXPECT_EQ(ask("GET", path).status, 401U) << path;
  for (const char* path : {"/livez", "/readyz"}) EXPECT_EQ(ask("GET", path, "evil.example").status, 200U) << path;
}

}  // namespace
}  // namespace pbxbridge::admin
