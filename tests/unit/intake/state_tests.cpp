#include "config/config.hpp"
#include "intake/intake.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {
namespace {

using spool::DropReason;
using testing::ElementsAre;
using testing::IsEmpty;

/// Keeps rows as a spool on disk does, and the types of what was appended together.
class Rows final : public spool::EventAppender {
 public:
  using EventAppender::append;
  bool is_full = false;
  std::vector<std::string> appended;
  std::map<std::string, std::string> rows;

  std::optional<DropReason> append(NewEventPtr& cause, spool::Derivation&& derivation) override {
    if (is_full) return DropReason::spool_full;
    std::string types = cause ? std::string(cause->event_type()) : "";
    for (const auto& event : derivation.events)
      types += (event->is_removal() ? " -" : " ") + std::string(event->event_type());
    appended.push_back(types);
    for (const auto& change : derivation.changes) {
      if (change.row)
        rows[change.key] = *change.row;
      else
        rows.erase(change.key);
    }
    cause.reset();
    derivation = {};
    return std::nullopt;
  }
  bool has_room() const override { return true; }
  void ask_for_room() override {}
  DropReason reject(const Event&) override { return DropReason::overload; }
};

std::string call(const std::string& status) {
  return R"({"event_type":"extension_call","extension":"101","tenant_id":"1","call_status":")" + status + R"("})";
}

class StateAtIntake : public testing::Test {
 protected:
  void begin(const std::string& event_type, const std::string& pbx = "hq") {
    intake_.emplace(spool_, nullptr, a_route_for(event_type), log_);
    intake_->add_pbx(pbx, metrics_.pbx(pbx));
    std::vector<spool::TableRow> stored;
    for (const auto& [key, row] : spool_.rows) stored.push_back({key, row});
    intake_->follow_state({}, metrics_.state(), std::move(stored));
    pass_time();
  }
  void pass_time() { intake_->pass_time(std::chrono::system_clock::now(), std::chrono::steady_clock::now()); }
  bool receive(const std::string& payload) {
    return intake_->receive("hq", payload, {.at = std::chrono::system_clock::now(), .connection_epoch = 1});
  }
  std::shared_ptr<const route::Router> a_route_for(const std::string& event_type) {
    config::Report report;
    config::Config config;
    config.pbx.push_back({.name = "hq"});
    config.routes.push_back(
        {.match = {.conditions = {{"event_type", {event_type}, {}}}, .none_of = {}}, .to = {}, .location = {}});
    return route::Router::compile(config, {}, report);
  }

  Rows spool_;
  observe::Log log_{observe::LogFormat::text, [](const std::string&) {}};
  metrics::Metrics metrics_;
  std::optional<Intake> intake_;
};

TEST_F(StateAtIntake, GoesToTheSpoolWithItsCause) {
  begin("state_*");
  receive(call("ON_CALL"));
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call state_extension", "extension_call"));
  EXPECT_EQ(spool_.rows.size(), 1U);
}

TEST_F(StateAtIntake, IsNotFollowedWhereNoRouteTakesIt) {
  begin("*");
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call"));
  EXPECT_THAT(spool_.rows, IsEmpty());
}

TEST_F(StateAtIntake, HasTheDocumentsThatARouteTakes) {
  begin("state_queue");
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call"));
}

TEST_F(StateAtIntake, IsThatBeforeWhereTheSpoolTakesNothing) {
  begin("state_*");
  receive(call("ON_CALL"));
  spool_.is_full = true;
  receive(call(""));
  spool_.is_full = false;
  spool_.appended.clear();
  receive(call("ON_CALL"));
  receive(call(""));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call", "extension_call state_extension"));
}

TEST_F(StateAtIntake, GoesOnAfterARestart) {
  begin("state_*");
  receive(call("ON_CALL"));
  begin("state_*");
  spool_.appended.clear();
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call"));
}

TEST_F(StateAtIntake, OfAnEarlierStartIsRemovedWhereNobodyWantsIt) {
  begin("state_*");
  receive(call("ON_CALL"));
  begin("*");
  EXPECT_THAT(spool_.rows, IsEmpty());
}

TEST_F(StateAtIntake, ComesAndGoesWithTheRoutes) {
  begin("*");
  intake_->use_routes(a_route_for("state_*"));
  receive(call("ON_CALL"));
  EXPECT_EQ(spool_.rows.size(), 1U);
  spool_.is_full = true;
  intake_->use_routes(a_route_for("*"));
  intake_->use_routes(a_route_for("state_*"));
  spool_.is_full = false;
  spool_.appended.clear();
  receive(call("ON_CALL"));
  EXPECT_THAT(spool_.appended, ElementsAre("extension_call")) << "the rows of before are still there";
  pass_time();
  EXPECT_THAT(spool_.rows, IsEmpty());
  receive(call("RINGING"));
  EXPECT_EQ(spool_.rows.size(), 1U) << "it begins anew";
}

TEST_F(StateAtIntake, OfAPbxThatIsGoneIsRemoved) {
  begin("state_*");
  receive(call("ON_CALL"));
  spool_.appended.clear();
  intake_->remove_pbx("hq");
  spool_.is_full = true;
  pass_time();
  spool_.is_full = false;
  pass_time();
  EXPECT_THAT(spool_.appended, ElementsAre(" -state_extension"));
  EXPECT_THAT(spool_.rows, IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::intake
