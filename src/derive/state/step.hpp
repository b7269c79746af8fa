#pragma once

#include "config/state_config.hpp"
#include "derive/state/documents.hpp"
#include "derive/state/tables.hpp"
#include "spool/derivation.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::derive::state {

/// Types of documents that some route takes.
using WantedDocuments = std::bitset<enum_count<DocumentType>>;

/// What a step has come upon, for the metrics.
struct StepCounts {
  std::array<std::uint64_t, enum_count<TableKind>> rows_rejected{};  ///< a bound was reached
  std::uint64_t not_understood = 0;  ///< parts of events that lack what the tables need, such as an id
  std::uint64_t orphan_calls = 0;
};

/// Bound of the rows of a table.
std::size_t rows_max(const config::StateConfig& settings, TableKind kind);

/// All that one event, or the passing of time, changes. The tables are changed at once; `undo` takes it back where the
/// spool does not take what follows from it.
class Step {
 public:
  /// All that is passed outlives it.
  Step(Tables& tables, Documents& documents, const config::StateConfig& settings, WantedDocuments wanted,
       const Occasion& occasion)
      : tables_(tables), documents_(documents), settings_(settings), wanted_(wanted), occasion_(occasion) {}

  const Occasion& occasion() const { return occasion_; }
  /// For rows of another PBX or tenant, as the passing of time comes upon.
  void set_occasion(const Occasion& occasion) { occasion_ = occasion; }
  Tables& tables() { return tables_; }
  Documents& documents() { return documents_; }
  const config::StateConfig& settings() const { return settings_; }
  bool wants(DocumentType type) const { return wanted_.test(static_cast<std::size_t>(type)); }

  /// Puts the row in place of what was there. False where it is a new one and its table is full, which is counted.
  bool put(TableKind kind, std::string_view name, Row row);
  void remove(TableKind kind, std::string_view name);
  /// Removes what the spool has under that key, and the tables do not.
  void remove_stored(std::string_view key) { derivation_.changes.push_back({std::string(key), std::nullopt}); }
  /// Makes the document of that row at the end of the step, where it is shown then: once, however often an event has
  /// changed it, and after all removals. `name`: as of its row.
  void publish_at_end(DocumentType type, std::string_view name) {
    if (wants(type)) changed_.emplace(type, name);
  }
  /// For a change after which a topic may hold the document elsewhere. Returns whether the one that stands is to be
  /// removed first: true once in a step, for none that is made in between is sent.
  bool replace(DocumentType type, std::string_view name) { return wants(type) && replaced_.emplace(type, name).second; }
  /// Makes the document of that row now, as it is, where it is shown.
  void publish(DocumentType type, std::string_view name);
  void publish(NewEventPtr event) { derivation_.events.push_back(std::move(event)); }
  void count_not_understood() { ++counts_.not_understood; }
  void count_orphan_call() { ++counts_.orphan_calls; }

  const StepCounts& counts() const { return counts_; }
  std::size_t changes() const { return derivation_.changes.size(); }
  spool::Derivation take();
  /// Leaves the tables as they were before this step.
  void undo();

 private:
  struct Old {
    TableKind kind;
    std::string name;
    Row row;
  };
  bool is_full(TableKind kind) const;
  void publish_extension(std::string_view name);
  void publish_agent(std::string_view name);
  void publish_queue(std::string_view name);
  void publish_call(std::string_view name);
  Occasion occasion_of(std::string_view pbx, std::string_view tenant) const;

  Tables& tables_;
  Documents& documents_;
  const config::StateConfig& settings_;
  WantedDocuments wanted_;
  Occasion occasion_;
  std::set<std::pair<DocumentType, std::string>> changed_;
  std::set<std::pair<DocumentType, std::string>> replaced_;
  spool::Derivation derivation_;
  std::vector<Old> old_;
  StepCounts counts_;
};

}  // namespace pbxbridge::derive::state
