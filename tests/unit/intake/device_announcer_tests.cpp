#include "intake/device_announcer.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace pbxbridge::intake {
namespace {

using derive::home_assistant::Device;
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

std::string removal(const std::string& prefix, const std::string& id) {
  return "-" + id + R"( {"event_type":"bridge_home_assistant","pbx":"hq","prefix":")" + prefix + R"(","device":")" +
         id + R"(","removed":true})";
}

class DeviceAnnouncerTest : public testing::Test {
 protected:
  /// What a process with these devices appends.
  std::vector<std::string> run(const std::string& prefix, const std::vector<Device>& devices) {
    auto rows = spool_.stored();
    DeviceAnnouncer announcer(spool_, rows, [this](const std::string& pbx) { counted_[pbx]++; });
    EXPECT_EQ(rows.size(), 1U) << "the row of something else is left";
    announcer.use(prefix, "hq", devices);
    announcer.announce();
    return spool_.take();
  }
  Kept spool_;
  std::map<std::string, int> counted_;
};

TEST_F(DeviceAnnouncerTest, AnnouncesEachDeviceOnceInAProcess) {
  std::vector<spool::TableRow> rows;
  DeviceAnnouncer announcer(spool_, rows, [this](const std::string& pbx) { counted_[pbx]++; });
  announcer.announce();
  EXPECT_THAT(spool_.take(), IsEmpty());
  announcer.use("ha", "hq", {{"a", "1"}, {"b", "2"}});
  announcer.announce();
  EXPECT_THAT(spool_.take(), ElementsAre("a 1", "b 2"));
  announcer.announce();
  announcer.use("ha", "hq", {{"a", "1"}, {"b", "3"}});
  announcer.announce();
  EXPECT_THAT(spool_.take(), ElementsAre("b 3"));
}

/// The broker may have lost what it had retained.
TEST_F(DeviceAnnouncerTest, AnnouncesThemAgainAtTheNextStart) {
  run("ha", {{"a", "1"}});
  EXPECT_THAT(run("ha", {{"a", "1"}}), ElementsAre("a 1"));
}

TEST_F(DeviceAnnouncerTest, TakesBackWhatIsNoLongerWanted) {
  std::vector<spool::TableRow> rows;
  DeviceAnnouncer announcer(spool_, rows, [this](const std::string& pbx) { counted_[pbx]++; });
  announcer.use("ha", "hq", {{"a", "1"}, {"b", "2"}});
  announcer.announce();
  spool_.take();
  announcer.use("ha", "hq", {{"b", "2"}});
  announcer.announce();
  announcer.announce();
  EXPECT_THAT(spool_.take(), ElementsAre(removal("ha", "a")));
  EXPECT_EQ(spool_.rows.size(), 1U);
  EXPECT_EQ(counted_["hq"], 3);
}

TEST_F(DeviceAnnouncerTest, TakesBackWhatAnEarlierProcessHasAnnounced) {
  run("ha", {{"a", "1"}, {"b", "2"}});
  EXPECT_THAT(run("ha", {{"b", "2"}}), ElementsAre(removal("ha", "a"), "b 2"));
}

TEST_F(DeviceAnnouncerTest, TakesDevicesBackUnderTheirOldPrefix) {
  run("ha", {{"a", "1"}});
  EXPECT_THAT(run("other", {{"a", "1"}}), ElementsAre(removal("ha", "a"), "a 1"));
}

TEST_F(DeviceAnnouncerTest, KeepsInMindWhatItHasNoRouteFor) {
  run("ha", {{"a", "1"}});
  auto rows = spool_.stored();
  DeviceAnnouncer announcer(spool_, rows, [this](const std::string& pbx) { counted_[pbx]++; });
  announcer.announce();
  announcer.use("ha", "hq", {});
  announcer.pause();
  announcer.announce();
  EXPECT_THAT(spool_.take(), IsEmpty());
  EXPECT_THAT(run("ha", {}), ElementsAre(removal("ha", "a")));
}

TEST_F(DeviceAnnouncerTest, GoesOnWhereTheSpoolHadNoRoom) {
  run("ha", {{"a", "1"}});
  spool_.room = 1;
  auto rows = spool_.stored();
  DeviceAnnouncer announcer(spool_, rows, [this](const std::string& pbx) { counted_[pbx]++; });
  announcer.use("ha", "hq", {{"b", "2"}, {"c", "3"}});
  announcer.announce();
  EXPECT_THAT(spool_.take(), ElementsAre(removal("ha", "a")));
  spool_.room = 10;
  announcer.announce();
  EXPECT_THAT(spool_.take(), ElementsAre("b 2", "c 3"));
}

}  // namespace
}  // namespace pbxbridge::intake
