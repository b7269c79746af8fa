#pragma once

#include "config/config.hpp"
#include "counted_questions.hpp"
#include "intake/intake.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {

using spool::DropReason;

/// Keeps rows as a spool on disk does, and the types of what was appended together.
class Rows final : public spool::EventAppender {
 public:
  using EventAppender::append;
  bool is_full = false;
  bool is_nearly_full = false;
  bool derives_later = false;         // many together, until `derive_now`
  std::vector<std::string> appended;  // what has events
  std::map<std::string, std::string> rows;
  std::map<std::string, std::string> documents;  // the latest of each `TYPE ENTITY`

  std::optional<DropReason> append(NewEventPtr& cause, spool::Derivation&& derivation) override {
    if (is_full) return DropReason::spool_full;
    has_cause_ = cause != nullptr;
    if (cause) appended.emplace_back(cause->event_type());
    cause.reset();
    note(derivation);
    return std::nullopt;
  }
  void set_derive(std::function<spool::Derivation()> derive) override {
    derive_now();
    derive_ = std::move(derive);
  }
  void expect_derived() override {
    is_expected_ = true;
    if (!derives_later) derive_now();
  }
  void derive_now() override {
    if (std::exchange(is_expected_, false)) note(derive_());
  }
  bool has_room() const override { return !is_nearly_full; }
  void ask_for_room() override {}
  DropReason reject(const Event&) override { return DropReason::overload; }

 private:
  void note(const spool::Derivation& derivation) {
    if (!has_cause_ && !derivation.events.empty()) appended.emplace_back();
    for (const auto& [event, cause] : derivation.events) {
      appended.back() += (event->is_removal() ? " -" : " ") + std::string(event->event_type());
      const std::string name = std::string(event->event_type()) + " " + std::string(event->entity());
      documents.erase(name);
      if (!event->is_removal()) documents.emplace(name, event->payload());
    }
    for (const auto& change : derivation.changes) {
      if (change.row)
        rows[change.key] = *change.row;
      else
        rows.erase(change.key);
    }
  }

  bool has_cause_ = false;
  bool is_expected_ = false;
  std::function<spool::Derivation()> derive_;
};

inline std::string call(const std::string& status) {
  return R"({"event_type":"extension_call","extension":"101","tenant_id":"1","call_status":")" + status + R"("})";
}

inline config::Node text_node(const std::string& text) { return config::Node::scalar(text, {}, false, true); }

inline config::Node map_node(const std::vector<std::pair<std::string, config::Node>>& entries) {
  config::Node map(config::Node::Kind::map, {});
  for (const auto& [key, value] : entries) map.append(key, {}, value);
  return map;
}

class StateAtIntake : public testing::Test {
 protected:
  void begin(const std::string& event_type, const std::string& pbx = "hq") { begin_with(a_route_for(event_type), pbx); }
  void begin_with(std::shared_ptr<const route::Router> router, const std::string& pbx = "hq") {
    intake_.emplace(spool_, nullptr, std::move(router), log_);
    intake_->add_pbx(pbx, metrics_.pbx(pbx));
    std::vector<spool::TableRow> stored;
    for (const auto& [key, row] : spool_.rows) stored.push_back({key, row});
    intake_->follow_state(settings_, metrics_.state(), std::move(stored), questions_);
    pass_time();
  }
  /// All that is to be done for now.
  void pass_time(std::chrono::seconds later = {}) {
    while (intake_->pass_time(std::chrono::system_clock::now(), std::chrono::steady_clock::now() + later)) continue;
  }
  /// Number of times that snapshots are asked for within these seconds.
  int asked_within(std::chrono::seconds time) {
    const int before = questions_.snapshots;
    for (std::chrono::seconds passed{0}; passed < time; ++passed)
      intake_->pass_time({}, now_ += std::chrono::seconds(1));
    return questions_.snapshots - before;
  }
  void lose_an_event() {
    spool_.is_full = true;
    receive(call("RINGING"));
    spool_.is_full = false;
  }
  bool receive(const std::string& payload) {
    return intake_->receive("hq", payload, {.at = std::chrono::system_clock::now(), .connection_epoch = 1});
  }
  std::shared_ptr<const route::Router> a_route_for(const std::string& event_type, const std::string& topic = "t",
                                                   const std::string& url = "mqtt://a") {
    config::Report report;
    config::Config config;
    config.pbx.push_back({.name = "hq"});
    config::DestinationConfig destination;
    destination.sink = {"board", {}};
    config.routes.push_back({.match = {.conditions = {{"event_type", {event_type}, {}}}, .none_of = {}},
                             .to = {destination},
                             .location = {}});
    config::Node routes(config::Node::Kind::list, {});
    routes.append(map_node({{"match", map_node({{"event_type", text_node(event_type)}})},
                            {"to", map_node({{"sink", text_node("board")}, {"topic", text_node(topic)}})}}));
    config.document = map_node({{"routes", routes}, {"sinks", map_node({{"board", text_node(url)}})}});
    return route::Router::compile(config, {}, report);
  }
  /// Rows of entities: all but what is noted of the whole.
  std::size_t state_rows() const { return spool_.rows.size() - spool_.rows.count("t"); }

  config::StateConfig settings_;
  Rows spool_;
  CountedQuestions questions_;
  derive::state::SteadyTime now_{std::chrono::hours(1)};
  int times_full_ = 0;
  observe::Log log_{observe::LogFormat::text, [this](const std::string& line) {
                      if (line.find("state.table_full") != std::string::npos) ++times_full_;
                    }};
  metrics::Metrics metrics_;
  std::optional<Intake> intake_;
};

}  // namespace pbxbridge::intake
