#include "admin/responses.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::admin {
namespace {

class ResponsesTest : public testing::Test {
 protected:
  bool writable_ = true;
  Probes probes_{.spool_writable = [this] { return writable_; }, .metrics = [] { return std::string("a 1\n"); }};
};

TEST_F(ResponsesTest, IsAliveWhileItAnswers) {
  writable_ = false;
  EXPECT_EQ(respond("GET", "/livez", probes_).status, 200U);
}

TEST_F(ResponsesTest, IsReadyWhileTheSpoolTakesEventsIn) {
  EXPECT_EQ(respond("GET", "/readyz", probes_).status, 200U);
  writable_ = false;
  const Response response = respond("GET", "/readyz", probes_);
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.body, "not ready: the spool takes no events\n");
}

TEST_F(ResponsesTest, ServesMetricsInPrometheusText) {
  const Response response = respond("GET", "/metrics?x=1", probes_);
  EXPECT_EQ(response.body, "a 1\n");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ResponsesTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(respond("GET", "/", probes_).status, 404U);
  EXPECT_EQ(respond("POST", "/metrics", probes_).status, 405U);
  EXPECT_EQ(respond("HEAD", "/livez", probes_).status, 200U);
}

}  // namespace
}  // namespace pbxbridge::admin
