#pragma once

#include "pbxbridge/event_ptr.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// A row of the tables that state is derived from. Its bytes mean nothing to the spool.
struct TableRow {
  std::string key;
  std::string row;
  bool operator==(const TableRow&) const = default;
};

struct TableChange {
  std::string key;
  std::optional<std::string> row;  ///< nothing: there is none of that key any more
};

struct DerivedEvent {
  NewEventPtr event;
  const Event* cause = nullptr;  ///< an event of the same commit; null: the one that it is appended with, or none
};

/// Events of pbxbridge's own that follow from other events, and changes of the tables that they were made from.
/// Committed together with its causes, or not at all.
struct Derivation {
  std::vector<DerivedEvent> events;
  std::vector<TableChange> changes;  ///< the last of a key counts

  bool empty() const { return events.empty() && changes.empty(); }
};

}  // namespace pbxbridge::spool
