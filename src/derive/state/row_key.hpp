#pragma once

#include "derive/state/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::derive::state {

/// Names of a row: PBX, tenant and entity. For agents and callers the entity is the queue's id, a NUL, and the
/// extension or session. No name has a NUL otherwise.
struct RowName {
  std::string_view pbx;
  std::string_view tenant;
  std::string_view entity;
};

/// `PBX NUL TENANT NUL ENTITY`, by which rows are kept in memory.
std::string row_name(std::string_view pbx, std::string_view tenant, std::string_view entity);
/// The same of somebody in the queue of that name.
std::string name_in_queue(std::string_view queue_name, std::string_view entity);
RowName split_name(std::string_view name);

/// Rows that belong to a queue, and have its name in theirs.
constexpr bool is_in_queue(TableKind kind) { return kind == TableKind::agent || kind == TableKind::caller; }

/// An agent's or caller's name as that of its queue and the rest.
struct NameInQueue {
  std::string_view queue_name;
  std::string_view entity;
};
NameInQueue split_name_in_queue(std::string_view name);

/// Key of a row in the spool: a letter for its table, then its name. The letters are on the disk: they never change.
std::string stored_key(TableKind kind, std::string_view name);
struct StoredKey {
  TableKind kind;
  std::string_view name;
};
/// Returns nothing for a key that no version has written.
std::optional<StoredKey> read_stored_key(std::string_view key);

}  // namespace pbxbridge::derive::state
