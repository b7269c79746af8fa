#include "derive/state/tables.hpp"

#include "derive/state/row_codec.hpp"

#include <utility>

namespace pbxbridge::derive::state {

namespace {

/// Puts `row` where `name` stands in `table`, or removes it, and returns what was there.
template <class R, class Table>
Row exchange_in(Table& table, std::string_view name, Row row) {
  const auto found = table.find(name);
  if (is_none(row)) {
    if (found == table.end()) return {};
    Row old = std::move(found->second.row);
    table.erase(found);
    return old;
  }
  if (found != table.end()) return std::exchange(found->second.row, std::get<R>(std::move(row)));
  table[std::string(name)].row = std::get<R>(std::move(row));
  return {};
}

template <class R>
const R* row_of(const Row& row) {
  return std::get_if<R>(&row);
}

std::uint64_t& place_of(QueueCounts& counts, const CallerRow& caller) {
  return caller.wants_call_back ? counts.callbacks : counts.waiting;
}

}  // namespace

Seconds Queue::longest_wait_since() const {
  if (counts.waiting == 0) return 0;
  Seconds longest = 0;
  for (const auto& [session, caller] : callers)
    if (!caller.row.wants_call_back && (longest == 0 || caller.row.since < longest)) longest = caller.row.since;
  return longest;
}

std::optional<std::string> Tables::encoded(TableKind kind, std::string_view name) const {
  const auto in = [](const auto& table, std::string_view key) {
    const auto found = table.find(key);
    return found == table.end() ? std::nullopt : std::optional(encode_row(found->second.row));
  };
  switch (kind) {
    case TableKind::extension:
      return in(extensions_, name);
    case TableKind::queue:
      return in(queues_, name);
    case TableKind::call:
      return in(calls_, name);
    case TableKind::agent:
    case TableKind::caller:
      break;
  }
  const auto [queue_name, entity] = split_name_in_queue(name);
  const auto queue = queues_.find(queue_name);
  if (queue == queues_.end()) return std::nullopt;
  return kind == TableKind::agent ? in(queue->second.agents, entity) : in(queue->second.callers, entity);
}

bool Tables::has(TableKind kind, std::string_view name) const {
  switch (kind) {
    case TableKind::extension:
      return extensions_.contains(name);
    case TableKind::queue:
      return queues_.contains(name);
    case TableKind::call:
      return calls_.contains(name);
    case TableKind::agent:
    case TableKind::caller:
      break;
  }
  const auto [queue_name, entity] = split_name_in_queue(name);
  const auto queue = queues_.find(queue_name);
  if (queue == queues_.end()) return false;
  return kind == TableKind::agent ? queue->second.agents.contains(entity) : queue->second.callers.contains(entity);
}

Row Tables::exchange(TableKind kind, std::string_view name, Row row) {
  const auto size_of = [&](const Row& each) { return is_none(each) ? 0 : 1 + name.size() + encoded_size(each); };
  const bool is_there = !is_none(row);
  const std::size_t new_size = size_of(row);
  Row old;
  switch (kind) {
    case TableKind::extension:
      old = exchange_in<ExtensionRow>(extensions_, name, std::move(row));
      break;
    case TableKind::queue:
      old = exchange_in<QueueRow>(queues_, name, std::move(row));
      break;
    case TableKind::call:
      old = exchange_in<CallRow>(calls_, name, std::move(row));
      break;
    case TableKind::agent:
      old = exchange_agent(name, std::move(row));
      break;
    case TableKind::caller:
      old = exchange_caller(name, std::move(row));
      break;
  }
  std::size_t& number = sizes_[static_cast<std::size_t>(kind)];
  number = number + static_cast<std::size_t>(is_there) - static_cast<std::size_t>(!is_none(old));
  bytes_ = bytes_ + new_size - size_of(old);
  return old;
}

Row Tables::exchange_agent(std::string_view name, Row row) {
  const auto [name_of_queue, extension] = split_name_in_queue(name);
  auto& [queue_name, queue] = *queues_.find(name_of_queue);
  const bool is_there = !is_none(row);
  const auto place = [&counts = queue.counts](const AgentRow& agent) -> std::uint64_t& {
    return counts.agents[static_cast<std::size_t>(agent.state)];
  };
  if (const auto* const agent = row_of<AgentRow>(row)) ++place(*agent);
  Row old = exchange_in<AgentRow>(queue.agents, extension, std::move(row));
  if (const auto* const agent = row_of<AgentRow>(old)) --place(*agent);
  if (is_none(old) == is_there) note_agent(queue_name, extension, is_there);
  return old;
}

void Tables::note_agent(const std::string& queue_name, std::string_view extension, bool is_there) {
  const RowName queue = split_name(queue_name);
  const std::string name = row_name(queue.pbx, queue.tenant, extension);
  auto& queues = queues_of_agents_[name];
  if (is_there) return queues.push_back(&queue_name);
  std::erase(queues, &queue_name);
  if (queues.empty()) queues_of_agents_.erase(name);
}

Row Tables::exchange_caller(std::string_view name, Row row) {
  const auto [queue_name, session] = split_name_in_queue(name);
  Queue& queue = queues_.find(queue_name)->second;
  if (const auto* const caller = row_of<CallerRow>(row)) ++place_of(queue.counts, *caller);
  Row old = exchange_in<CallerRow>(queue.callers, session, std::move(row));
  if (const auto* const caller = row_of<CallerRow>(old)) --place_of(queue.counts, *caller);
  return old;
}

}  // namespace pbxbridge::derive::state
