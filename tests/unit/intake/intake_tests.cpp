#include "config/config.hpp"
#include "intake/intake.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {
namespace {

using spool::DropReason;

/// Takes everything, and says that there is no room where the test says so.
class FullSpool final : public spool::EventAppender {
 public:
  bool room = true;
  int asked = 0;
  std::vector<std::string> appended;
  std::vector<std::string> rejected;

  std::optional<DropReason> append(NewEventPtr& event) override {
    appended.emplace_back(event->payload());
    return std::nullopt;
  }
  bool has_room() const override { return room; }
  void ask_for_room() override { ++asked; }
  DropReason reject(const Event& event) override {
    rejected.emplace_back(event.payload());
    return DropReason::overload;
  }
};

class IntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* pbx : {"east", "west"}) intake_.add_pbx(pbx, metrics_.pbx(pbx));
  }
  bool receive(const std::string& pbx, const std::string& payload) {
    return intake_.receive(pbx, payload, std::chrono::system_clock::now(), 1);
  }
  static std::shared_ptr<const route::Router> no_routes() {
    config::Report report;
    return route::Router::compile(config::Config(), {}, report);
  }

  FullSpool spool_;
  observe::Log log_{observe::LogFormat::text, [](const std::string&) {}};
  metrics::Metrics metrics_;
  Intake intake_{spool_, nullptr, no_routes(), log_};
};

TEST_F(IntakeTest, OneThatReadsOnThoughPausedLeavesTheLastRoomToOthers) {
  spool_.room = false;
  EXPECT_FALSE(receive("east", "1")) << "to be held back";
  EXPECT_EQ(spool_.asked, 1) << "or nobody would resume it";
  EXPECT_FALSE(receive("east", "2")) << "it has waited long enough";
  EXPECT_FALSE(receive("west", "3")) << "it could not know";
  EXPECT_FALSE(receive("west", "4"));
  EXPECT_EQ(spool_.appended, (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(spool_.rejected, (std::vector<std::string>{"2", "4"}));
  spool_.room = true;
  EXPECT_TRUE(receive("east", "5"));
  EXPECT_EQ(spool_.appended.back(), "5");
}

TEST_F(IntakeTest, OneThatReadsOnForThereWasRoomIsAsGoodAsOneThatWasNotTold) {
  spool_.room = false;
  EXPECT_FALSE(receive("east", "1"));
  intake_.room();
  // Another has taken the room meanwhile.
  EXPECT_FALSE(receive("east", "2"));
  EXPECT_EQ(spool_.appended, (std::vector<std::string>{"1", "2"}));
}

TEST_F(IntakeTest, ANewConnectionWasNotToldAnything) {
  spool_.room = false;
  EXPECT_FALSE(receive("east", "1"));
  intake_.subscribed("east", false, std::chrono::system_clock::now());
  EXPECT_FALSE(receive("east", "2"));
  EXPECT_EQ(spool_.appended, (std::vector<std::string>{"1", "2"}));

  intake_.subscribed("east", true, std::chrono::system_clock::now());
  EXPECT_FALSE(receive("east", "3"));
  EXPECT_EQ(spool_.appended.size(), 2U) << "it came of one subscription before all were answered, and was told";
}

}  // namespace
}  // namespace pbxbridge::intake
