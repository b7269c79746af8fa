#pragma once

#include "config/state_config.hpp"
#include "derive/state/documents.hpp"
#include "derive/state/pbx_watch.hpp"
#include "derive/state/state_metrics.hpp"
#include "derive/state/step.hpp"
#include "derive/state/tables.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/derivation.hpp"

#include <bitset>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::event {
class JsonDocument;
}

namespace pbxbridge::derive::state {

/// Follows the state of extensions, queues, agents and calls by the events of the PBXs. Pure but for the counters: the
/// same rows, events and times give the same rows and documents. Its only clock is what it is passed. One thread.
///
/// Each derivation is followed by `accept` or `undo`, whichever the spool's answer is.
class Fold {
 public:
  /// `metrics` outlives it.
  Fold(const config::StateConfig& settings, WantedDocuments wanted, StateMetrics& metrics);
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  void use_settings(const config::StateConfig& settings, WantedDocuments wanted);

  /// The rows as they are stored; before the first event. The derivation removes those that cannot be read, and
  /// numbers that are not wanted any more.
  spool::Derivation load(std::span<const spool::TableRow> rows);

  /// Returns whether events of this type can change a table.
  static bool is_followed(const Event& event);
  /// What follows from an event of a PBX. `document`: its payload, parsed or for parsing.
  spool::Derivation fold(const Event& event, event::JsonDocument& document);

  /// What is known of the PBX's connection; `PbxWatch` says what follows from it.
  PbxWatch& watch(std::string_view pbx);
  /// What the time brings: calls of whose end nothing was heard, and what snapshots no longer have. At most some
  /// hundred changes; empty once there are none for now.
  spool::Derivation pass_time(SystemTime now, SteadyTime steady_now);
  /// Removes what belongs to PBXs for which `is_kept` is false, as `pass_time` does.
  spool::Derivation forget_pbxs(const std::function<bool(std::string_view pbx)>& is_kept, SystemTime now);

  /// For tables that are given up.
  std::vector<spool::TableChange> removal_of_all_rows() const;

  /// The spool has taken the latest derivation.
  void accept();
  /// It has not: the tables are as before it.
  void undo();

  const Tables& tables() const { return tables_; }
  /// Tables that had to reject a row since this was asked last.
  std::bitset<enum_count<TableKind>> take_full_tables() { return std::exchange(full_tables_, {}); }
  /// Brings the metrics up to date; before they are read.
  void update_metrics();

 private:
  Step& begin(const Occasion& occasion);
  Occasion occasion_of(std::string_view name, SystemTime now) const;
  void remove_unseen(PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now);
  void publish_extensions(std::string_view pbx, const std::set<std::string>& numbers, SystemTime now);
  void publish_queues(std::string_view pbx, const std::set<std::string>& numbers, SystemTime now);
  void close_orphans(PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now);

  config::StateConfig settings_;
  WantedDocuments wanted_;
  StateMetrics& metrics_;
  Documents documents_;
  Tables tables_;
  std::map<std::string, PbxWatch, std::less<>> pbxs_;
  std::optional<Step> step_;
  std::bitset<enum_count<TableKind>> full_tables_;
};

}  // namespace pbxbridge::derive::state
