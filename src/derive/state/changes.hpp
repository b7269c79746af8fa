#pragma once

#include "derive/state/documents.hpp"
#include "derive/state/rows.hpp"
#include "derive/state/tables.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/derivation.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::derive::state {

/// Collects what is to be stored and sent of the tables: each row and each document once, as it is when it is asked
/// for, however many events have changed it.
class Changes {
 public:
  /// Rows, documents and events: about how much `derive` returns.
  std::size_t size() const;
  /// `was_there`: before the change.
  void mark_row(TableKind kind, std::string_view name, bool was_there);
  /// Removes a row that is stored, and that the tables do not have.
  void remove_stored(std::string_view key) { stored_.emplace_back(key); }
  /// `occasion`: of the change, the latest of which counts. PBX and tenant are as the row's name has them.
  void mark_document(DocumentType type, std::string_view name, const Occasion& occasion);
  /// False: it was marked so since the latest `derive`.
  bool mark_replaced(DocumentType type, std::string_view name);
  /// An event that is sent in any case, in the order of these calls, and before the documents that are marked.
  void add(NewEventPtr event) { events_.push_back(std::move(event)); }

  /// Takes all of it. Nothing is marked then.
  spool::Derivation derive(Tables& tables, Documents& documents);

 private:
  struct Mark {
    bool is_row = false;
    bool was_row = false;  // before the first change
    bool is_document = false;
    bool is_replaced = false;
    Occasion occasion;
  };
  using Marked = ByName<Mark>::value_type;
  /// Marks by name, and in the order of their first change.
  struct OfTable {
    ByName<Mark> marks;
    std::vector<Marked*> in_order;
    Marked* latest = nullptr;
  };

  Mark& mark(TableKind kind, std::string_view name);
  static NewEventPtr document(TableKind kind, std::string_view name, Occasion& occasion, Tables& tables,
                              Documents& documents);

  std::array<OfTable, enum_count<TableKind>> tables_;
  std::vector<NewEventPtr> events_;
  std::vector<std::string> stored_;  // keys of rows to be removed
};

}  // namespace pbxbridge::derive::state
