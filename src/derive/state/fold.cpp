#include "derive/state/fold.hpp"

#include "derive/state/calls.hpp"
#include "derive/state/extensions.hpp"
#include "derive/state/queues.hpp"
#include "derive/state/row_codec.hpp"
#include "derive/state/row_key.hpp"
#include "event/json_document.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pbxbridge::derive::state {

namespace {

using Handler = void (*)(Step&, std::string_view event_type, simdjson::dom::object);

/// Event types that change a table; those of calls and administration follow. `extension_agent_status` is left out: it
/// has what `queue_agent_status` has, without the id of the queue.
constexpr std::array<std::pair<std::string_view, Handler>, 9> handlers = {{{"extension_status", fold_extension_event},
                                                                           {"extension_call", fold_extension_event},
                                                                           {"extension_presence", fold_extension_event},
                                                                           {"extension_register", fold_extension_event},
                                                                           {"queue_status", fold_queue_event},
                                                                           {"queue_caller_status", fold_queue_event},
                                                                           {"queue_agent_status", fold_queue_event},
                                                                           {"queue_sla_breached", fold_queue_event},
                                                                           {"queue_member_state", fold_queue_event}}};

Handler handler_of(const Event& event) {
  switch (event.family()) {
    case Family::extension_management:
      return fold_extension_event;
    case Family::cdr:
      return fold_call_event;
    case Family::queue_management:
      return fold_queue_event;
    case Family::extension:
      if (event.entity_kind() == EntityKind::session) return fold_call_event;  // 16.x
      break;
    case Family::queue:
      break;
    default:
      return nullptr;
  }
  const auto found = std::ranges::find(handlers, event.event_type(), &std::pair<std::string_view, Handler>::first);
  return found == handlers.end() ? nullptr : found->second;
}

}  // namespace

Fold::Fold(const config::StateConfig& settings, WantedDocuments wanted, StateMetrics& metrics)
    : settings_(settings), wanted_(wanted), metrics_(metrics), documents_(settings.numbers) {}

void Fold::load(std::span<const spool::TableRow> rows) {
  const auto load = [&](const spool::TableRow& stored) {
    const auto key = read_stored_key(stored.key);
    auto row = key ? decode_row(key->kind, stored.row) : std::nullopt;
    const bool is_lost = row && is_in_queue(key->kind) && !tables_.queue(split_name_in_queue(key->name).queue_name);
    if (row && !is_lost) {
      tables_.exchange(key->kind, key->name, std::move(*row));
      return;
    }
    unreadable_.push_back(stored.key);
    metrics_.rows_unreadable.add();
  };
  // Queues before those who are in them.
  const auto holds_queue = [](const spool::TableRow& stored) {
    const auto key = read_stored_key(stored.key);
    return key && key->kind == TableKind::queue;
  };
  for (const auto& stored : rows)
    if (holds_queue(stored)) load(stored);
  for (const auto& stored : rows)
    if (!holds_queue(stored)) load(stored);
  may_have_numbers_ = true;
}

std::vector<spool::TableChange> Fold::removal_of_all_rows() const {
  std::vector<spool::TableChange> changes;
  const auto remove = [&changes](TableKind kind, std::string_view name) {
    changes.push_back({stored_key(kind, name), std::nullopt});
  };
  for (const auto& [name, extension] : tables_.extensions()) remove(TableKind::extension, name);
  for (const auto& [name, call] : tables_.calls()) remove(TableKind::call, name);
  for (const auto& [name, queue] : tables_.queues()) {
    remove(TableKind::queue, name);
    for (const auto& [extension, agent] : queue.agents) remove(TableKind::agent, name_in_queue(name, extension));
    for (const auto& [session, caller] : queue.callers) remove(TableKind::caller, name_in_queue(name, session));
  }
  return changes;
}

bool Fold::is_followed(const Event& event) { return handler_of(event) != nullptr; }

void Fold::fold(const Event& event, event::JsonDocument& document) {
  PbxWatch& watch = this->watch(event.pbx());
  watch.heard(event.connection_epoch());
  // An event that cannot be read may be a part of a snapshot.
  if (event.event_type().empty()) watch.snapshots_incomplete();
  const Handler handler = handler_of(event);
  if (!handler) return;
  Step step = begin({.pbx = event.pbx(),
                     .tenant = event.tenant(),
                     .at = event.received_at(),
                     .event_time = event.event_time(),
                     .connection_epoch = event.connection_epoch(),
                     .stretch = watch.stretch(),
                     .cause = &event});
  document.parse(event.payload());
  simdjson::dom::object object;
  if (!document.root() || document.root()->get(object) != simdjson::SUCCESS) {
    watch.snapshots_incomplete();
    return;
  }
  handler(step, event.event_type(), object);
  if (event.is_snapshot() && event.event_type() == "extension_status") watch.snapshot(Listed::extensions);
  if (event.is_snapshot() && event.event_type() == "queue_status") watch.snapshot(Listed::queues);
  if (shows_queues() && (event.family() == Family::queue_management || event.event_type() == "queue_status"))
    note_named_queue(watch, tables_, event, object);
  count(step);
}

PbxWatch& Fold::watch(std::string_view pbx) {
  const auto found = pbxs_.find(pbx);
  return found != pbxs_.end() ? found->second : pbxs_.emplace(pbx, PbxWatch()).first->second;
}

void Fold::forget_connection(std::string_view pbx) {
  if (const auto found = pbxs_.find(pbx); found != pbxs_.end()) pbxs_.erase(found);
}

void Fold::count(const Step& step) {
  const StepCounts& counts = step.counts();
  for (std::size_t kind = 0; kind < counts.rows_rejected.size(); ++kind) {
    if (counts.rows_rejected[kind] == 0) continue;
    metrics_.rows_rejected[kind].add(static_cast<double>(counts.rows_rejected[kind]));
    full_tables_.set(kind);
  }
  if (counts.not_understood > 0) metrics_.not_understood.add(static_cast<double>(counts.not_understood));
  if (counts.orphan_calls > 0) metrics_.orphan_calls.add(static_cast<double>(counts.orphan_calls));
}

bool Fold::has_room(TableKind kind) const {
  const auto has_room = [](std::size_t size, std::size_t bound) { return size < bound - bound / 10; };
  return has_room(tables_.size(kind), rows_max(settings_, kind)) && has_room(tables_.bytes(), settings_.max_size.bytes);
}

void Fold::update_metrics() {
  for (std::size_t kind = 0; kind < metrics_.rows.size(); ++kind)
    metrics_.rows[kind].set(static_cast<double>(tables_.size(static_cast<TableKind>(kind))));
  metrics_.bytes.set(static_cast<double>(tables_.bytes()));
}

}  // namespace pbxbridge::derive::state
