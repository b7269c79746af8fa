#include "derive/state/queues.hpp"

#include "derive/state/payload_reader.hpp"
#include "derive/state/queue_change.hpp"
#include "derive/state/row_key.hpp"
#include "event/queue_name.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::derive::state {

namespace {

/// Calls `fold` with a reader of each object of the array; what is none is counted.
template <class Fold>
void for_each_object(Step& step, simdjson::dom::array array, Fold fold) {
  for (const auto entry : array) {
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) {
      step.count_not_understood();
      continue;
    }
    PayloadReader reader(object);
    fold(reader);
  }
}

/// An id that templates of topics can part from the extension of an agent.
std::optional<std::string_view> queue_id(PayloadReader& event) {
  const auto id = event.id("queue_id");
  return id && id->find('.') == std::string_view::npos ? id : std::nullopt;
}

void fold_status(QueueChange& change, PayloadReader& event) {
  if (const auto number = event.id("queue_number"))
    change.set_number(*number);
  else if (event.text("queue_number"))
    change.step().count_not_understood();
  if (const auto name = event.text("queue_name")) change.set_name(*name);
  if (const auto callers = event.array("waiting_list")) {
    for_each_object(change.step(), *callers, [&](PayloadReader& caller) { change.put_caller(caller); });
    change.remove_other_callers();
  }
  if (const auto agents = event.array("agents")) {
    for_each_object(change.step(), *agents, [&](PayloadReader& agent) { change.put_agent(agent); });
    change.remove_other_agents();
  }
}

void fold_callers(QueueChange& change, const PayloadReader& event) {
  const auto callers = event.array("updated_callers");
  if (!callers) return change.step().count_not_understood();
  for_each_object(change.step(), *callers, [&](PayloadReader& caller) { change.update_caller(caller); });
}

void fold_agents(QueueChange& change, const PayloadReader& event) {
  const auto updated = event.array("updated_agents");
  const auto removed = event.array("removed_agents");
  if (!updated && !removed) return change.step().count_not_understood();
  if (updated) for_each_object(change.step(), *updated, [&](PayloadReader& agent) { change.put_agent(agent); });
  if (removed) for_each_object(change.step(), *removed, [&](PayloadReader& agent) { change.remove_agent(agent); });
}

/// Names of the queues of the step's tenant that have this number.
std::vector<std::string> queues_with_number(Step& step, std::string_view number) {
  const std::string tenant = row_name(step.occasion().pbx, step.occasion().tenant, "");
  std::vector<std::string> names;
  for (const auto& [name, queue] : step.tables().queues())
    if (name.starts_with(tenant) && queue.row.number == number) names.push_back(name);
  return names;
}

/// Returns whether what administration says of the queue was known already: a PBX may repeat which queues there are. It
/// says that one was changed, and hardly what.
bool is_no_news(const PbxWatch& watch, const Tables& tables, const Event& event, const event::QueueName& queue,
                PayloadReader& payload) {
  const bool is_created = event.event_type() == "queue_created";
  const std::optional<std::string> queue_name(payload.text("queue_name"));
  return std::ranges::any_of(tables.queues(), [&](const auto& entry) {
    const auto& [name, row] = entry;
    return row.row.number == queue.number && watch.is_of_connection(row.seen) &&
           (is_created || row.row.name == queue_name) && name.starts_with(row_name(event.pbx(), event.tenant(), ""));
  });
}

/// Administration names a queue by its number alone.
void fold_destroy(Step& step, PayloadReader& event) {
  const auto number = event.id("queue_number");
  if (!number) return step.count_not_understood();
  const std::string destroyed(*number);
  for (const auto& name : queues_with_number(step, destroyed)) remove_queue(step, name);
}

}  // namespace

void fold_queue_event(Step& step, std::string_view event_type, simdjson::dom::object event) {
  PayloadReader reader(event);
  if (event_type == "queue_destroy") return fold_destroy(step, reader);
  if (event_type == "queue_created" || event_type == "queue_updated") return;  // without what a document needs
  const auto id = queue_id(reader);
  if (!id) return step.count_not_understood();
  QueueChange change(step, *id);
  if (!change.is_possible()) return;
  if (event_type == "queue_status")
    fold_status(change, reader);
  else if (event_type == "queue_caller_status")
    fold_callers(change, reader);
  else if (event_type == "queue_agent_status")
    fold_agents(change, reader);
  else if (event_type == "queue_member_state")  // 16.x; the vendor does not show its fields
    change.put_agent(reader);
  else
    change.count_breach();
  change.finish();
}

void note_named_queue(PbxWatch& watch, const Tables& tables, const Event& event, simdjson::dom::object payload) {
  const bool is_named = event.event_type() == "queue_created" || event.event_type() == "queue_updated";
  if (!is_named && watch.named_queues().empty()) return;
  PayloadReader reader(payload);
  const auto number = reader.id("queue_number");
  if (!number) return;
  event::QueueName queue{std::string(event.tenant()), std::string(*number)};
  if (!is_named) return watch.named_queues().told(queue);
  // It names the queues that there are, whose state is about to come; later, one that was created just then.
  if (event.is_snapshot() && !watch.has_snapshot(Listed::queues)) return;
  if (!is_no_news(watch, tables, event, queue, reader)) watch.named_queues().named(std::move(queue));
}

void hide_queue(Step& step, std::string_view name) {
  const Queue& queue = *step.tables().queue(name);
  if (!queue.row.is_shown()) return;
  const std::string_view id = split_name(name).entity;
  for (const auto& [extension, agent] : queue.agents)
    if (step.replace(DocumentType::agent, name_in_queue(name, extension)))
      step.publish(
          step.documents().agent_removed(step.occasion(), id, queue.row, extension, extension_name(step, extension)));
  if (step.replace(DocumentType::queue, name))
    step.publish(step.documents().queue_removed(step.occasion(), id, queue.row));
}

std::size_t remove_queue(Step& step, std::string_view name, std::size_t rows_max) {
  const auto* const queue = step.tables().queue(name);
  if (!queue) return 0;
  const std::string own_name(name);
  const std::string id(split_name(name).entity);
  std::size_t removed = 0;
  for (; removed < rows_max && !queue->agents.empty(); ++removed) {
    const std::string extension = queue->agents.begin()->first;
    if (queue->row.is_shown() && step.wants(DocumentType::agent))
      step.publish(
          step.documents().agent_removed(step.occasion(), id, queue->row, extension, extension_name(step, extension)));
    step.remove(TableKind::agent, name_in_queue(own_name, extension));
  }
  for (; removed < rows_max && !queue->callers.empty(); ++removed)
    step.remove(TableKind::caller, name_in_queue(own_name, queue->callers.begin()->first));
  if (removed >= rows_max) return removed;
  if (queue->row.is_shown() && step.wants(DocumentType::queue))
    step.publish(step.documents().queue_removed(step.occasion(), id, queue->row));
  step.remove(TableKind::queue, own_name);
  return removed + 1;
}

void publish_agents_of(Step& step, std::string_view extension) {
  for (const auto* queue : step.tables().queues_of(row_name(step.occasion().pbx, step.occasion().tenant, extension)))
    step.publish_at_end(DocumentType::agent, name_in_queue(*queue, extension));
}

}  // namespace pbxbridge::derive::state
