#include "simulator/faults/fault.hpp"
#include "simulator/server/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

template <class Kind>
Kind parsed(std::string_view line) {
  return std::get<Kind>(std::get<Fault>(parse_command(line).value()));
}

std::string error_of(std::string_view line) {
  const auto result = parse_command(line);
  return result ? "" : result.error().text;
}

TEST(Fault, IsACommandWithItsArguments) {
  EXPECT_EQ(parsed<fault::Close>("close 1011 going down").code, 1011);
  EXPECT_EQ(parsed<fault::Close>("close 1011 going down").reason, "going down");
  EXPECT_TRUE(parsed<fault::Drop>("drop rst").reset);
  EXPECT_FALSE(parsed<fault::Drop>("drop fin").reset);
  EXPECT_TRUE(parsed<fault::Silent>("silent on").on);
  EXPECT_FALSE(parsed<fault::StopReading>("stop-reading off").on);
  EXPECT_EQ(parsed<fault::AnswerDelay>("answer-delay 250").delay, 250ms);
  EXPECT_TRUE(parsed<fault::ForgetAnswers>("forget-answers on").on);
  EXPECT_EQ(parsed<fault::Reject>("reject cdr_events not for you").text, "not for you");
  EXPECT_EQ(parsed<fault::Reject>("reject cdr_events").text, "permission denied");
  EXPECT_TRUE(parsed<fault::RejectAuth>("reject-auth on\r").on);
  EXPECT_TRUE(parsed<fault::RefuseConnections>("refuse-connections on").on);
  EXPECT_EQ(parsed<fault::Trickle>("trickle 1").bytes_a_second, 1U);
  EXPECT_EQ(parsed<fault::Trickle>("trickle off").bytes_a_second, 0U);
  EXPECT_EQ(parsed<fault::HugeFrame>("huge-frame").mebibytes, 17U);
  EXPECT_EQ(parsed<fault::HugeFrame>("huge-frame 2").mebibytes, 2U);
  EXPECT_EQ(parsed<fault::DeepJson>("deep-json").depth, 5000U);
  EXPECT_EQ(parsed<fault::PingFlood>("ping-flood 3").count, 3U);
  EXPECT_EQ(parsed<fault::Fragments>("fragments 3 {\"a\": 1}").text, "{\"a\": 1}");
  EXPECT_EQ(parsed<fault::Upgrade>("upgrade 429 7").answer->retry_after, 7U);
  EXPECT_FALSE(parsed<fault::Upgrade>("upgrade off").answer);
  EXPECT_EQ(parsed<fault::Rest>("rest wrong-count").kind, RestFault::wrong_count);
  EXPECT_EQ(parsed<fault::Rest>("rest off").kind, RestFault::none);
}

TEST(Fault, ThatIsWrittenWronglyIsAnsweredWithWhatWasExpected) {
  EXPECT_EQ(error_of("silent maybe"), "silent: expected on or off");
  EXPECT_EQ(error_of("drop"), "drop: expected fin or rst");
  EXPECT_THAT(error_of("close 1006"), HasSubstr("may go over the wire"));
  EXPECT_THAT(error_of("close 70000"), HasSubstr("close code"));
  EXPECT_EQ(error_of("reject weather_events"), "reject: unknown topic `weather_events`");
  EXPECT_EQ(error_of("allow weather_events"), "allow: unknown topic `weather_events`");
  EXPECT_THAT(error_of("upgrade 200"), HasSubstr("expected 301"));
  EXPECT_THAT(error_of("upgrade 503 soon"), HasSubstr("Retry-After"));
  EXPECT_THAT(error_of("trickle 0"), HasSubstr("bytes a second"));
  EXPECT_THAT(error_of("huge-frame 1000000"), HasSubstr("from 1 to"));
  EXPECT_THAT(error_of("fragments 1 x"), HasSubstr("from 2"));
  EXPECT_EQ(error_of("half-frame now"), "half-frame: takes no argument");
}

TEST(Fault, IsListedForPeople) {
  for (const auto& kind : fault_kinds()) {
    EXPECT_EQ(find_fault(kind.name), &kind);
    EXPECT_THAT(faults_text(), HasSubstr(kind.text));
  }
  EXPECT_EQ(find_fault("dance"), nullptr);
}

TEST(UpgradeAnswer, IsWholeHttp) {
  EXPECT_EQ(http_text({429, 7}),
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(http_text({301, {}}), HasSubstr("\r\nLocation: https://"));
}

}  // namespace
}  // namespace pbxbridge::sim
