#pragma once

#include "config/state_config.hpp"
#include "derive/state/changes.hpp"
#include "derive/state/documents.hpp"
#include "derive/state/tables.hpp"
#include "pbxbridge/event_ptr.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pbxbridge::derive::state {

/// Types of documents that some route takes.
using WantedDocuments = std::bitset<enum_count<DocumentType>>;

/// Findings of a step, for the metrics.
struct StepCounts {
  std::array<std::uint64_t, enum_count<TableKind>> rows_rejected{};  ///< a bound was reached
  std::uint64_t not_understood = 0;  ///< parts of events that lack what the tables need, such as an id
  std::uint64_t orphan_calls = 0;
};

/// Bound of the rows of a table.
std::size_t rows_max(const config::StateConfig& settings, TableKind kind);

/// All that one event, or the passing of time, changes.
class Step {
 public:
  /// All that is passed outlives it.
  Step(Tables& tables, Documents& documents, Changes& changes, const config::StateConfig& settings,
       WantedDocuments wanted, const Occasion& occasion)
      : tables_(tables),
        documents_(documents),
        changes_(changes),
        settings_(settings),
        wanted_(wanted),
        occasion_(occasion) {}

  const Occasion& occasion() const { return occasion_; }
  /// Used for rows of another PBX or tenant, which the passing of time comes upon.
  void set_occasion(const Occasion& occasion) { occasion_ = occasion; }
  Tables& tables() { return tables_; }
  Documents& documents() { return documents_; }
  const config::StateConfig& settings() const { return settings_; }
  bool wants(DocumentType type) const { return wanted_.test(static_cast<std::size_t>(type)); }

  /// Puts the row in place of what was there. False where it is a new one and its table is full, which is counted.
  bool put(TableKind kind, std::string_view name, Row row);
  void remove(TableKind kind, std::string_view name);
  /// Removes what the spool has under that key, and the tables do not.
  void remove_stored(std::string_view key) { changes_.remove_stored(key); }
  /// Sends the document of that row at the end, where it is shown then: once, however often events have changed it, and
  /// after all removals. `name`: as of its row.
  void publish_at_end(DocumentType type, std::string_view name) {
    if (wants(type)) changes_.mark_document(type, name, occasion_);
  }
  /// Called for a change after which a topic may hold the document elsewhere. Returns whether the one that stands is to
  /// be removed first: true once until the end, for none that is made in between is sent.
  bool replace(DocumentType type, std::string_view name) { return wants(type) && changes_.mark_replaced(type, name); }
  void publish(NewEventPtr event) { changes_.add(std::move(event)); }
  void count_not_understood() { ++counts_.not_understood; }
  void count_orphan_call() { ++counts_.orphan_calls; }

  const StepCounts& counts() const { return counts_; }
  /// Rows that were put or removed.
  std::size_t changed_rows() const { return changed_rows_; }

 private:
  bool is_full(TableKind kind) const;

  Tables& tables_;
  Documents& documents_;
  Changes& changes_;
  const config::StateConfig& settings_;
  WantedDocuments wanted_;
  Occasion occasion_;
  std::size_t changed_rows_ = 0;
  StepCounts counts_;
};

}  // namespace pbxbridge::derive::state
