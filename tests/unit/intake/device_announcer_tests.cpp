#include "intake/device_announcer.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Keeps events and rows as the spool would.
class Kept final : public spool::EventAppender {
 public:
  int room = 1000;
  std::vector<std::string> appended;  // `ID PAYLOAD`, or `-ID` and the payload
  std::map<std::string, std::string> rows;

  std::optional<spool::DropReason> append(NewEventPtr& cause, spool::Derivation&& derivation) override {
    EXPECT_FALSE(cause);
    if (room == 0) return spool::DropReason::spool_full;
    --room;
    for (const auto& [event, cause_of_event] : derivation.events)
      appended.push_back((event->is_removal() ? "-" : "") + std::string(event->entity()) + " " +
                         std::string(event->payload()));
    for (auto& change : derivation.changes) {
      rows.erase(change.key);
      if (change.row) rows.emplace(change.key, *change.row);
    }
    return std::nullopt;
  }
  void set_derive(std::function<spool::Derivation()>) override {}
  void expect_derived() override {}
  void derive_now() override {}
  bool has_room() const override { return room > 0; }
  void ask_for_room() override {}
  spool::DropReason reject(const Event&) override { return spool::DropReason::overload; }

  std::vector<std::string> take() { return std::exchange(appended, {}); }
  std::vector<spool::TableRow> stored() const {
    std::vector<spool::TableRow> stored = {{"e" + std::string("something else"), "row"}};
    for (const auto& [key, row] : rows) stored.push_back({key, row});
    return stored;
  }
};

using Name = DeviceAnnouncer::Name;
using Devices = std::map<Name, DeviceAnnouncer::Wanted>;

std::string removal(const std::string& prefix, const std::string& id, const std::string& sink = "board") {
  return "-" + id + R"( {"event_type":"bridge_home_assistant","pbx":"hq","sink":")" + sink + R"(","prefix":")" +
         prefix + R"(","device":")" + id + R"(","removed":true})";
}

Devices devices(const std::vector<std::pair<std::string, std::string>>& payloads, const std::string& prefix = "ha",
                const std::string& sink = "board") {
  Devices devices;
  for (const auto& [id, payload] : payloads)
    devices.emplace(Name{sink, prefix, id}, DeviceAnnouncer::Wanted{"hq", payload});
  return devices;
}

class DeviceAnnouncerTest : public testing::Test {
 protected:
  /// A process with the stored rows.
  void start() {
    auto rows = spool_.stored();
    stored_sinks_ = DeviceAnnouncer::sinks_of(rows);
    announcer_.emplace(
        spool_, rows,
        DeviceAnnouncer::Surroundings{.appended = [this](const std::string& pbx) { counted_[pbx]++; },
                                      .has_all = [this](const std::string&) { return sinks_have_all_; }});
    EXPECT_EQ(rows.size(), 1U) << "the row of something else is left";
  }
  /// Returns what is appended when these are wanted.
  std::vector<std::string> use(const Devices& devices) {
    announcer_->use(devices, sinks_);
    return announce();
  }
  std::vector<std::string> announce() {
    while (announcer_->announce()) continue;
    return spool_.take();
  }
  std::vector<std::string> run(const Devices& devices) {
    start();
    return use(devices);
  }

  Kept spool_;
  std::map<std::string, int> counted_;
  std::set<std::string> sinks_{"board", "other"};
  std::set<std::string> stored_sinks_;
  bool sinks_have_all_ = true;
  std::optional<DeviceAnnouncer> announcer_;
};

TEST_F(DeviceAnnouncerTest, AnnouncesEachDeviceOnceInAProcess) {
  start();
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_THAT(use(devices({{"a", "1"}, {"b", "2"}})), ElementsAre("a 1", "b 2"));
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_THAT(use(devices({{"a", "1"}, {"b", "3"}})), ElementsAre("b 3"));
}

/// The broker may have lost what it had retained.
TEST_F(DeviceAnnouncerTest, AnnouncesThemAgainAtTheNextStartAndOnDemand) {
  run(devices({{"a", "1"}}));
  EXPECT_THAT(run(devices({{"a", "1"}})), ElementsAre("a 1"));
  announcer_->announce_again();
  EXPECT_THAT(announce(), ElementsAre("a 1"));
}

TEST_F(DeviceAnnouncerTest, TakesBackWhatIsNoLongerWanted) {
  run(devices({{"a", "1"}, {"b", "2"}}));
  EXPECT_THAT(use(devices({{"b", "2"}})), ElementsAre(removal("ha", "a")));
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_EQ(spool_.rows.size(), 1U);
  EXPECT_EQ(counted_["hq"], 3);
}

TEST_F(DeviceAnnouncerTest, TakesBackWhatAnEarlierProcessHasAnnounced) {
  run(devices({{"a", "1"}, {"b", "2"}}));
  EXPECT_THAT(run(devices({{"b", "2"}})), ElementsAre(removal("ha", "a"), "b 2"));
}

TEST_F(DeviceAnnouncerTest, TakesDevicesBackUnderTheirOldPrefix) {
  run(devices({{"a", "1"}}));
  EXPECT_THAT(run(devices({{"a", "1"}}, "other")), ElementsAre(removal("ha", "a"), "a 1"));
}

TEST_F(DeviceAnnouncerTest, TakesDevicesBackAtTheirOldSink) {
  run(devices({{"a", "1"}}));
  EXPECT_THAT(use(devices({{"a", "1"}}, "ha", "other")), ElementsAre(removal("ha", "a"), "a 1"));
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_THAT(announcer_->sinks(), ElementsAre("other"));
}

TEST_F(DeviceAnnouncerTest, KeepsInMindWhatItHasNoRouteFor) {
  run(devices({{"a", "1"}}));
  sinks_ = {"other"};
  EXPECT_THAT(run({}), IsEmpty());
  EXPECT_THAT(stored_sinks_, ElementsAre("board"));
  sinks_ = {"board"};
  EXPECT_THAT(run({}), ElementsAre(removal("ha", "a")));
}

/// After a restart nothing else says which sink it is for.
TEST_F(DeviceAnnouncerTest, KeepsARowUntilTheSinkHasTheRemoval) {
  run(devices({{"a", "1"}}));
  sinks_have_all_ = false;
  EXPECT_THAT(use({}), ElementsAre(removal("ha", "a")));
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_THAT(run({}), ElementsAre(removal("ha", "a"))) << "again";
  EXPECT_THAT(stored_sinks_, ElementsAre("board"));
  sinks_have_all_ = true;
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_THAT(spool_.rows, IsEmpty());
}

TEST_F(DeviceAnnouncerTest, AnnouncesAgainWhatItHasTakenBack) {
  run(devices({{"a", "1"}}));
  sinks_have_all_ = false;
  use({});
  EXPECT_THAT(use(devices({{"a", "1"}})), ElementsAre("a 1"));
  sinks_have_all_ = true;
  EXPECT_THAT(announce(), IsEmpty());
  EXPECT_EQ(spool_.rows.size(), 1U);
}

TEST_F(DeviceAnnouncerTest, GoesOnWhereTheSpoolHadNoRoom) {
  run(devices({{"a", "1"}}));
  spool_.room = 1;
  EXPECT_THAT(run(devices({{"b", "2"}, {"c", "3"}})), ElementsAre(removal("ha", "a")));
  spool_.room = 10;
  EXPECT_THAT(announce(), ElementsAre("b 2", "c 3"));
}

TEST_F(DeviceAnnouncerTest, AnnouncesManyInSteps) {
  std::vector<std::pair<std::string, std::string>> many;
  for (int device = 0; device < 200; ++device) many.emplace_back(std::to_string(device), "1");
  start();
  announcer_->use(devices(many), sinks_);
  EXPECT_TRUE(announcer_->announce());
  EXPECT_LE(spool_.take().size(), 64U);
  EXPECT_EQ(announce().size(), 136U);
}

}  // namespace
}  // namespace pbxbridge::intake
