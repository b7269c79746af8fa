#include "tap/tap_request.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::tap {
namespace {

TEST(TapRequest, IsReadAsItWasWritten) {
  TapRequest request;
  request.fields = {{"family", "cdr"}, {"caller", "+49*\n\"\xff"}};
  request.sinks = {"lake"};
  request.routes = {2, 1};
  request.clear = true;
  request.rate = 7;
  const std::string line = to_line(request);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto read = parse_tap_request(line);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->fields.size(), 2U);
  EXPECT_EQ((*read)->fields[0].field, "family");
  EXPECT_EQ((*read)->fields[0].pattern, "cdr");
  EXPECT_EQ((*read)->sinks, request.sinks);
  EXPECT_EQ((*read)->routes, request.routes);
  EXPECT_TRUE((*read)->clear);
  EXPECT_EQ((*read)->rate, 7U);
}

TEST(TapRequest, OfAnotherKindIsRejected) {
  for (const char* other : {"redrive lake", "tap", "taps {}", ""}) EXPECT_FALSE(parse_tap_request(other)) << other;
  for (const char* wrong :
       {"tap ", "tap {}", "tap []", "tap {\"fields\":[[\"a\"]],\"sinks\":[],\"routes\":[],\"clear\":false,\"rate\":1}",
        "tap {\"fields\":[],\"sinks\":[],\"routes\":[],\"clear\":false,\"rate\":0}",
        "tap {\"fields\":[],\"sinks\":[],\"routes\":[],\"clear\":false,\"rate\":1001}"}) {
    const auto read = parse_tap_request(wrong);
    ASSERT_TRUE(read) << wrong;
    EXPECT_FALSE(*read) << wrong;
  }
}

TEST(TapRequest, TakesNoNumberForAnother) {
  for (const char* number : {"-1", "1.5", "1e85", "4294967297", "18446744073709551617", "true", "null"}) {
    const std::string rate =
        R"(tap {"fields":[],"sinks":[],"routes":[],"clear":false,"rate":)" + std::string(number) + "}";
    EXPECT_FALSE(*parse_tap_request(rate)) << rate;
  }
  for (const char* number : {"-1", "1.5", "1e85", "18446744073709551617", "true", "null"}) {
    const std::string route =
        R"(tap {"fields":[],"sinks":[],"routes":[)" + std::string(number) + R"(],"clear":false,"rate":1})";
    EXPECT_FALSE(*parse_tap_request(route)) << route;
  }
}

}  // namespace
}  // namespace pbxbridge::tap
