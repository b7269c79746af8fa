#pragma once

#include "config/state_config.hpp"
#include "derive/state/fold.hpp"
#include "event/classifier.hpp"
#include "event/json_document.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {

using Json = nlohmann::ordered_json;

inline constexpr SystemTime noon{std::chrono::seconds{1'764'000'000}};
inline constexpr Seconds noon_seconds = 1'764'000'000;

/// A fold with what it would have in the spool: rows, and the documents that a late reader finds.
class Following {
 public:
  explicit Following(config::StateConfig settings = {}) : settings_(settings) { restart(); }

  /// Does what a new process does, with the stored rows. Nothing follows from them but by `pass_time`.
  void restart() {
    if (fold_) derive();
    fold_.emplace(settings_, WantedDocuments().set(), metrics_);
    std::vector<spool::TableRow> stored;
    for (const auto& [key, row] : rows) stored.push_back({key, row});
    fold_->load(stored);
  }

  struct From {
    std::string pbx = "hq";
    SystemTime at = noon;
    std::uint32_t connection_epoch = 1;
    bool is_snapshot = false;
  };
  /// Types of the documents that follow, `-` before those of removals.
  std::vector<std::string> receive(const std::string& payload, From from) {
    receive_with_next(payload, from);
    return derive();
  }
  std::vector<std::string> receive(const std::string& payload) { return receive(payload, From()); }
  /// Something follows from it together with what follows from the next.
  void receive_with_next(const std::string& payload, From from) {
    causes_.push_back(event_of(payload, from));
    fold_->fold(*causes_.back(), classifier_.document());
  }
  std::vector<std::string> derive() {
    auto types = take(fold_->derive());
    causes_.clear();
    return types;
  }
  NewEventPtr event_of(const std::string& payload, const From& from) {
    return classifier_.classify(payload, from.pbx, from.at, from.connection_epoch, from.is_snapshot).event;
  }
  /// All that the time brings. Its clocks do not jump.
  std::vector<std::string> pass_time(SystemTime now) { return pass_time(now, SteadyTime(now.time_since_epoch())); }
  std::vector<std::string> pass_time(SystemTime now, SteadyTime steady_now) {
    std::vector<std::string> types;
    while (fold_->pass_time(now, steady_now)) {
      const auto some = derive();
      types.insert(types.end(), some.begin(), some.end());
    }
    return types;
  }
  std::vector<std::string> take(spool::Derivation derivation) {
    std::vector<std::string> types;
    for (const auto& change : derivation.changes) {
      if (change.row)
        rows[change.key] = *change.row;
      else
        rows.erase(change.key);
    }
    for (const auto& [event, cause] : derivation.events) {
      const std::string key = std::string(event->pbx()) + " " + std::string(event->tenant()) + " " +
                              std::string(to_string(event->entity_kind())) + " " + std::string(event->entity());
      types.push_back((event->is_removal() ? "-" : "") + std::string(event->event_type()));
      latest_payload_ = event->payload();
      if (event->is_removal())
        documents.erase(key);
      else
        documents[key] = latest_payload_;
    }
    changes += derivation.changes.size();
    return types;
  }
  /// Returns what a late reader finds of that entity; empty: nothing.
  Json document(const std::string& kind, const std::string& entity, const std::string& tenant = "1") const {
    const auto found = documents.find("hq " + tenant + " " + kind + " " + entity);
    return found == documents.end() ? Json() : Json::parse(found->second);
  }
  Json latest() const { return Json::parse(latest_payload_); }
  Fold& fold() { return *fold_; }
  event::Classifier& classifier() { return classifier_; }

  std::map<std::string, std::string> rows;
  std::map<std::string, std::string> documents;
  std::size_t changes = 0;

 private:
  config::StateConfig settings_;
  StateMetrics metrics_;
  event::Classifier classifier_;
  std::optional<Fold> fold_;
  std::vector<NewEventPtr> causes_;  // from which nothing is derived yet
  std::string latest_payload_;
};

}  // namespace pbxbridge::derive::state
