#include "page/assets.hpp"
#include "page/feed_text.hpp"
#include "page/page.hpp"
#include "status/sample_snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::page {
namespace {

using status::half_past_two;
using status::sample_snapshot;
using testing::HasSubstr;
using testing::Not;

TEST(Page, HoldsEverythingWithoutAScript) {
  const std::string html = page(sample_snapshot(), "sinks: {}");
  for (const char* part : {"All is well.", "hq", "subscribed", "extension_events", "2 extensions", "silent", "board",
                           "lake", "every event", "No gap is recorded.", "0123456789abcdef", "http-equiv=\"refresh\""})
    EXPECT_THAT(html, HasSubstr(part));
}

TEST(Page, UsesNothingFromOutside) {
  const std::string html = page(sample_snapshot(), "sinks: {}");
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  for (auto begin = html.find("src=\""); begin != std::string::npos; begin = html.find("src=\"", begin + 1)) {
    const auto end = html.find('"', begin + 5);
    EXPECT_TRUE(find_asset(html.substr(begin + 5, end - begin - 5))) << html.substr(begin, end - begin);
  }
  EXPECT_FALSE(find_asset("../page.css"));
  EXPECT_THAT(std::string(find_asset("dygraph.js")->content), HasSubstr("Dygraph"));
}

TEST(Page, EscapesWhatComesFromElsewhere) {
  status::Snapshot snapshot = sample_snapshot();
  const std::string hostile = "<script>alert('1')</script>\"&";
  auto& pbx = snapshot.pbxs[0];
  pbx.session.state = pbx::SessionState::disconnected;
  pbx.session.last_failure = observe::Failure{half_past_two, hostile};
  pbx.session.subscriptions[0].words = hostile;
  pbx.session.subscriptions[0].topic = hostile;
  snapshot.sinks[0].loop.peer = hostile;
  snapshot.sinks[0].loop.last_failure = observe::Failure{half_past_two, hostile};
  snapshot.sinks[0].loop.rejections.push_back({half_past_two, hostile, hostile, Family::cdr, hostile});
  snapshot.routes[0].match = hostile;
  snapshot.configuration.file = hostile;
  const std::string html = page(snapshot, hostile);
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
}

TEST(Page, ARouteThatTookNothingStandsOut) {
  status::Snapshot snapshot = sample_snapshot();
  snapshot.routes[0].events = 0;
  EXPECT_THAT(page(snapshot, ""), HasSubstr("<tr class=\"nothing\">"));
}

TEST(Page, WithoutAScriptHidesWhatOnlyAScriptFills) {
  const std::string html = page(sample_snapshot(), "");
  for (const char* section : {"<section aria-label=\"Live events\" hidden>",
                              "<section aria-label=\"Last 15 minutes\" class=\"charts\" hidden>"})
    EXPECT_THAT(html, HasSubstr(section));
}

TEST(Page, HoldsTheConfigurationCollapsedAndEscaped) {
  const std::string html = page(sample_snapshot(), "sinks: { a: \"<b>\" }");
  EXPECT_THAT(html, HasSubstr("data-hash=\"0123456789abcdef\">sinks: { a: &quot;&lt;b&gt;&quot; }</pre></details>"));
  EXPECT_THAT(html, Not(HasSubstr("<details open")));
}

TEST(EventsEvent, HoldsEachLineAndItsNumber) {
  const std::string text = events_event(7, "{\"moment\":\"accepted\"}\n{\"moment\":\"delivered\"}\n");
  ASSERT_THAT(text, testing::StartsWith("event: events\ndata: "));
  ASSERT_THAT(text, testing::EndsWith("\n\n"));
  const auto piece = nlohmann::json::parse(text.substr(text.find('{')));
  EXPECT_EQ(piece["number"], 7);
  EXPECT_EQ(piece["moments"][1]["moment"], "delivered");
  const std::string none = events_event(1, "");
  EXPECT_EQ(nlohmann::json::parse(none.substr(none.find('{')))["moments"].size(), 0U);
}

TEST(ChartHistory, KeepsTheLastQuarterOfAnHour) {
  ChartHistory history;
  for (int second = 0; second < 2'000; ++second)
    history.add(half_past_two + std::chrono::seconds(second), {{.sink = "board", .out_per_second = 12.3456}});
  std::string text = history.history_event();
  ASSERT_THAT(text, testing::StartsWith("event: history\ndata: "));
  const auto points = nlohmann::json::parse(text.substr(text.find('[')));
  ASSERT_EQ(points.size(), 900U);
  EXPECT_EQ(points.back()["at"].get<std::int64_t>() - points.front()["at"].get<std::int64_t>(), 899);
  EXPECT_EQ(points.back()["sinks"]["board"][0], 12.35);

  text = history.status_event(sample_snapshot());
  ASSERT_THAT(text, testing::EndsWith("\n\n"));
  const auto status = nlohmann::json::parse(text.substr(text.find('{')));
  EXPECT_THAT(status["sections"]["verdict"].get<std::string>(), HasSubstr("All is well."));
  EXPECT_EQ(status["point"], points.back());
}

}  // namespace
}  // namespace pbxbridge::page
