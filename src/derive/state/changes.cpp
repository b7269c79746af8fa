#include "derive/state/changes.hpp"

#include "derive/state/row_codec.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <string>
#include <utility>

namespace pbxbridge::derive::state {

namespace {

/// Tables whose rows have documents, by `DocumentType`.
constexpr std::array<TableKind, enum_count<DocumentType>> tables_of_documents = {TableKind::extension, TableKind::agent,
                                                                                 TableKind::queue, TableKind::call};

constexpr std::size_t kept_buckets = 4096;

constexpr TableKind table_of(DocumentType type) { return tables_of_documents[static_cast<std::size_t>(type)]; }

NewEventPtr extension_document(const Occasion& occasion, std::string_view number, std::string_view name, Tables& tables,
                               Documents& documents) {
  const auto* const extension = tables.extension(name);
  return extension && extension->row.is_known ? documents.extension(occasion, number, extension->row) : nullptr;
}

NewEventPtr queue_document(const Occasion& occasion, std::string_view id, std::string_view name, Tables& tables,
                           Documents& documents) {
  const auto* const queue = tables.queue(name);
  return queue && queue->row.is_shown() ? documents.queue(occasion, id, *queue) : nullptr;
}

NewEventPtr agent_document(const Occasion& occasion, std::string_view queue_id, std::string_view name, Tables& tables,
                           Documents& documents) {
  const auto [queue_name, number] = split_name_in_queue(name);
  const auto* const queue = tables.queue(queue_name);
  if (!queue || !queue->row.is_shown()) return nullptr;
  const auto agent = queue->agents.find(number);
  if (agent == queue->agents.end()) return nullptr;
  const auto* const extension = tables.extension(row_name(occasion.pbx, occasion.tenant, number));
  const auto extension_name = extension ? std::string_view(extension->row.name) : std::string_view();
  return documents.agent(occasion, queue_id, queue->row, number, extension_name, agent->second.row);
}

NewEventPtr call_document(const Occasion& occasion, std::string_view session, std::string_view name, Tables& tables,
                          Documents& documents) {
  const auto* const call = tables.call(name);
  return call ? documents.call(occasion, session, call->row) : nullptr;
}

}  // namespace

std::size_t Changes::size() const {
  std::size_t size = events_.size() + stored_.size();
  for (const OfTable& table : tables_) size += table.in_order.size();
  return size;
}

Changes::Mark& Changes::mark(TableKind kind, std::string_view name) {
  OfTable& table = tables_[static_cast<std::size_t>(kind)];
  // A row and its document are mostly marked together.
  if (table.latest && table.latest->first == name) return table.latest->second;
  if (const auto found = table.marks.find(name); found != table.marks.end()) {
    table.latest = &*found;
  } else {
    table.latest = &*table.marks.try_emplace(std::string(name)).first;
    table.in_order.push_back(table.latest);
  }
  return table.latest->second;
}

void Changes::mark_row(TableKind kind, std::string_view name, bool was_there) {
  Mark& marked = mark(kind, name);
  if (!std::exchange(marked.is_row, true)) marked.was_row = was_there;
}

void Changes::mark_document(DocumentType type, std::string_view name, const Occasion& occasion) {
  Mark& marked = mark(table_of(type), name);
  marked.is_document = true;
  marked.occasion = occasion;
}

bool Changes::mark_replaced(DocumentType type, std::string_view name) {
  return !std::exchange(mark(table_of(type), name).is_replaced, true);
}

spool::Derivation Changes::derive(Tables& tables, Documents& documents) {
  spool::Derivation derivation;
  for (NewEventPtr& event : events_) derivation.events.push_back({std::move(event)});
  events_.clear();
  for (const TableKind kind : tables_of_documents)
    for (const auto* const marked : tables_[static_cast<std::size_t>(kind)].in_order) {
      const auto& [name, mark] = *marked;
      if (!mark.is_document) continue;
      Occasion occasion = mark.occasion;
      if (auto event = document(kind, name, occasion, tables, documents))
        derivation.events.push_back({std::move(event), occasion.cause});
    }
  // Removals come before rows that have been made again.
  for (std::string& key : stored_) derivation.changes.push_back({std::move(key), std::nullopt});
  stored_.clear();
  for (const auto& [kind, kind_name] : enum_names<TableKind>) {
    OfTable& table = tables_[static_cast<std::size_t>(kind)];
    for (const auto* const marked : table.in_order) {
      const auto& [name, mark] = *marked;
      if (!mark.is_row) continue;
      auto row = tables.encoded(kind, name);
      if (row || mark.was_row) derivation.changes.push_back({stored_key(kind, name), std::move(row)});
    }
    table.in_order.clear();
    table.latest = nullptr;
    // Clearing costs by the buckets, of which one great event would leave many.
    if (table.marks.bucket_count() > kept_buckets)
      table.marks = {};
    else
      table.marks.clear();
  }
  return derivation;
}

/// Null where there is none to be shown.
NewEventPtr Changes::document(TableKind kind, std::string_view name, Occasion& occasion, Tables& tables,
                              Documents& documents) {
  const RowName of = split_name(name);
  occasion.pbx = of.pbx;
  occasion.tenant = of.tenant;
  switch (kind) {
    case TableKind::extension:
      return extension_document(occasion, of.entity, name, tables, documents);
    case TableKind::agent:
      return agent_document(occasion, split_name_in_queue(of.entity).queue_name, name, tables, documents);
    case TableKind::queue:
      return queue_document(occasion, of.entity, name, tables, documents);
    case TableKind::call:
      return call_document(occasion, of.entity, name, tables, documents);
    case TableKind::caller:
      break;
  }
  return nullptr;
}

}  // namespace pbxbridge::derive::state
