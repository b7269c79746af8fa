#include "websocket/http_rejection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace pbxbridge::websocket {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// The example of RFC 9110, section 5.6.7, and the two obsolete forms of the same second.
constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view date_850 = "Sunday, 06-Nov-94 08:49:37 GMT";
constexpr std::string_view date_asctime = "Sun Nov  6 08:49:37 1994";
constexpr SystemTime now{784111777s};

std::string words(const HttpAnswer& answer) { return http_rejection(answer, now).text; }

TEST(HttpRejection, SaysSomethingOfItsOwnOfEachStatus) {
  std::set<std::string> advice;
  const unsigned codes[] = {200, 301, 400, 401, 403, 404, 407, 408, 421, 426, 429, 500, 502, 503, 504};
  for (const unsigned code : codes) {
    const auto text = words({.status = code});
    EXPECT_THAT(text, HasSubstr("HTTP status " + std::to_string(code) + " (")) << code;
    advice.insert(text.substr(text.find("): ")));
  }
  EXPECT_EQ(advice.size(), std::size(codes));
}

TEST(HttpRejection, SaysSomethingOfAnyStatus) {
  for (unsigned code = 200; code < 1000; ++code) EXPECT_GT(words({.status = code}).size(), 80U) << code;
  EXPECT_THAT(words({.status = 418}), HasSubstr("HTTP status 418: it rejects the request"));
  EXPECT_THAT(words({.status = 599}), HasSubstr("HTTP status 599: the server failed"));
}

TEST(HttpRejection, IsARejectionOfTheClientForThreeStatuses) {
  for (unsigned code = 200; code < 600; ++code)
    EXPECT_EQ(http_rejection({.status = code}, now).category == ErrorCategory::rejected,
              code == 401 || code == 403 || code == 407)
        << code;
}

TEST(HttpRejection, SaysWhereARedirectGoes) {
  for (const unsigned code : {301U, 302U, 303U, 307U, 308U})
    EXPECT_THAT(words({.status = code, .location = "https://pbx2.example.com/wsi"}),
                HasSubstr("it redirects to https://pbx2.example.com/wsi, which is not followed"));
  EXPECT_THAT(words({.status = 302}), HasSubstr("without saying where to"));
}

TEST(HttpRejection, SaysWhatAnUpgradeIsWantedTo) {
  EXPECT_THAT(words({.status = 426, .upgrade = "h2c", .versions = "8, 7"}),
              HasSubstr("it names h2c, it speaks version 8, 7"));
}

TEST(ShownLocation, HoldsNoSecretAndNothingUnprintable) {
  EXPECT_EQ(shown_location("https://pbx.example.com:8887/wsi"), "https://pbx.example.com:8887/wsi");
  EXPECT_EQ(shown_location("https://bridge:hunter2@pbx.example.com/wsi"), "https://pbx.example.com/wsi");
  EXPECT_EQ(shown_location("https://a@hunter2@pbx/wsi"), "https://pbx/wsi");
  EXPECT_EQ(shown_location("//bridge:hunter2@pbx/wsi"), "//pbx/wsi");
  EXPECT_EQ(shown_location("/login?token=hunter2"), "/login");
  EXPECT_EQ(shown_location("/login#hunter2"), "/login");
  EXPECT_EQ(shown_location("/login;jsessionid=hunter2"), "/login");
  EXPECT_EQ(shown_location("/@user//a@b"), "/@user//a@b");
  EXPECT_EQ(shown_location("https://p\xfc\x1b[2Jx/"), "https://p? [2Jx/");
  EXPECT_EQ(shown_location("https://bridge:hunter2@"), "https://");
  EXPECT_LE(shown_location("https://" + std::string(5000, 'x')).size(), 203U);
}

TEST(ShownLocation, HoldsNothingOfAPerson) {
  EXPECT_EQ(shown_location("http://192.0.2.70/wsi/4915112345678"), "http://192.0.2.70/wsi/(a number)");
  EXPECT_EQ(shown_location("http://192.0.2.70:4915112345678/"), "http://192.0.2.70:(a number)/");
  EXPECT_EQ(shown_location("http://4915112345678/wsi"), "http://(a number)/wsi");
  EXPECT_EQ(shown_location("4915112345678://pbx/"), "(a number)://pbx/");
  EXPECT_EQ(shown_location(R"(/{"caller":"ada"})"), "/(JSON)");
  EXPECT_THAT(words({.status = 426, .upgrade = "4915112345678", .versions = R"({"caller":"ada"})"}),
              HasSubstr("it names (a number), it speaks version (JSON)"));
}

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(retry_after("7", {}, now), 7s);
  EXPECT_EQ(retry_after("0", {}, now), 0s);
  EXPECT_EQ(retry_after("300", {}, now), 5min);
}

TEST(RetryAfter, IsADateByTheServersClock) {
  for (const auto until : {date, date_850, date_asctime}) {
    EXPECT_EQ(retry_after(until, {}, now - 40s), 40s) << until;
    EXPECT_EQ(retry_after(until, {}, now + 40s), 0s) << "it is over";
    EXPECT_EQ(retry_after(until, "Sun, 06 Nov 1994 08:49:07 GMT", now + 24h), 30s) << "our clock is another";
  }
}

TEST(RetryAfter, IsBounded) {
  for (const char* much : {"301", "86400", "4294967295", "4294967296", "99999999999999999999999"})
    EXPECT_EQ(retry_after(much, {}, now), longest_retry_after) << much;
  EXPECT_EQ(retry_after("Fri, 31 Dec 9999 23:59:59 GMT", {}, now), longest_retry_after);
}

TEST(RetryAfter, IsIgnoredWhereItIsNeither) {
  for (const char* text : {"", "-1", "1.5", "soon", "7 s", "0x7", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT"})
    EXPECT_EQ(retry_after(text, {}, now), 0s) << text;
  EXPECT_EQ(retry_after(date, "no date", now - 40s), 40s);
}

}  // namespace
}  // namespace pbxbridge::websocket
