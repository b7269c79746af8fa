#include "derive/status_event.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::derive {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

BridgeStatus quiet() { return {.lagging_sink = {}, .sinks = 2, .sinks_connected = 2}; }

BridgeStatus loaded() {
  BridgeStatus status = quiet();
  status.lagging_sink = "lake";
  status.lag_events = 5'000;
  status.spool_events = 80'000;
  status.spool_bytes = 40 * mebibyte;
  return status;
}

TEST(StatusEventTest, SaysHowFarTheSinksAreBehindAndWhatTheSpoolHolds) {
  const auto event = status_event(loaded(), SystemTime{});
  EXPECT_EQ(event->event_type(), "bridge_status");
  EXPECT_EQ(event->family(), Family::bridge);
  EXPECT_EQ(event->pbx(), "");
  EXPECT_EQ(event->payload(),
            R"({"event_type":"bridge_status","lag_events":5000,"sinks":2,"sinks_connected":2,"spool_events":80000,)"
            R"("spool_bytes":41943040,"lagging_sink":"lake"})");
  EXPECT_EQ(status_event(quiet(), SystemTime{})->payload().find("lagging_sink"), std::string_view::npos);
}

TEST(StatusEventTest, ItsOwnWaitInTheSpoolIsNoNews) {
  for (BridgeStatus reported : {quiet(), loaded()}) {
    BridgeStatus now = reported;
    for (int events = 0; events < 20; ++events) {
      ++now.lag_events;
      ++now.spool_events;
      now.spool_bytes += 400;
      now.lagging_sink = "board";
      EXPECT_FALSE(now.is_news_after(reported)) << events;
      EXPECT_FALSE(reported.is_news_after(now) && reported.lag_events > 0) << events;
    }
  }
}

TEST(StatusEventTest, AChangeThatSomebodyWouldWantToKnowIsNews) {
  const auto is_news = [](auto change) {
    BridgeStatus now = loaded();
    change(now);
    return now.is_news_after(loaded());
  };
  EXPECT_FALSE(is_news([](BridgeStatus& now) { now.lag_events += 499; }));
  EXPECT_TRUE(is_news([](BridgeStatus& now) { now.lag_events += 500; }));
  EXPECT_TRUE(is_news([](BridgeStatus& now) { now.lag_events -= 500; }));
  EXPECT_TRUE(is_news([](BridgeStatus& now) { now.spool_events += 8'000; }));
  EXPECT_TRUE(is_news([](BridgeStatus& now) { now.spool_bytes -= 4 * mebibyte; }));
  EXPECT_TRUE(is_news([](BridgeStatus& now) { now.sinks_connected = 1; }));
  EXPECT_TRUE(is_news([](BridgeStatus& now) { now.sinks = 3; }));
}

TEST(StatusEventTest, ALagThatIsGoneIsNewsHoweverSmallItWas) {
  BridgeStatus reported = quiet();
  reported.lag_events = 1;
  EXPECT_TRUE(quiet().is_news_after(reported));
}

}  // namespace
}  // namespace pbxbridge::derive
