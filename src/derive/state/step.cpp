#include "derive/state/step.hpp"

#include "derive/state/row_codec.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <utility>

namespace pbxbridge::derive::state {

std::size_t rows_max(const config::StateConfig& settings, TableKind kind) {
  switch (kind) {
    case TableKind::extension:
      return settings.max_extensions;
    case TableKind::queue:
      return settings.max_queues;
    case TableKind::agent:
      return settings.max_agents;
    case TableKind::caller:  // a caller is in a call
    case TableKind::call:
      break;
  }
  return settings.max_calls;
}

bool Step::is_full(TableKind kind) const {
  return tables_.bytes() >= settings_.max_size.bytes || tables_.size(kind) >= rows_max(settings_, kind);
}

bool Step::put(TableKind kind, std::string_view name, Row row) {
  if (is_full(kind) && !tables_.has(kind, name)) {
    ++counts_.rows_rejected[static_cast<std::size_t>(kind)];
    return false;
  }
  derivation_.changes.push_back({stored_key(kind, name), encode_row(row)});
  old_.push_back({kind, std::string(name), tables_.exchange(kind, name, std::move(row))});
  return true;
}

void Step::remove(TableKind kind, std::string_view name) {
  derivation_.changes.push_back({stored_key(kind, name), std::nullopt});
  std::string own_name(name);  // the caller's may be that of the row
  Row old = tables_.exchange(kind, own_name, {});
  old_.push_back({kind, std::move(own_name), std::move(old)});
}

spool::Derivation Step::take() {
  for (const auto& [type, name] : changed_) publish(type, name);
  changed_.clear();
  replaced_.clear();
  return std::move(derivation_);
}

void Step::publish(DocumentType type, std::string_view name) {
  if (!wants(type)) return;
  switch (type) {
    case DocumentType::extension:
      return publish_extension(name);
    case DocumentType::agent:
      return publish_agent(name);
    case DocumentType::queue:
      return publish_queue(name);
    case DocumentType::call:
      return publish_call(name);
  }
}

Occasion Step::occasion_of(std::string_view pbx, std::string_view tenant) const {
  Occasion occasion = occasion_;
  occasion.pbx = pbx;
  occasion.tenant = tenant;
  return occasion;
}

void Step::publish_extension(std::string_view name) {
  const auto* const extension = tables_.extension(name);
  if (!extension || !extension->row.is_known) return;
  const RowName of = split_name(name);
  publish(documents_.extension(occasion_of(of.pbx, of.tenant), of.entity, extension->row));
}

void Step::publish_agent(std::string_view name) {
  const auto [queue_name, number] = split_name_in_queue(name);
  const auto* const queue = tables_.queue(queue_name);
  if (!queue || !queue->row.is_shown()) return;
  const auto agent = queue->agents.find(number);
  if (agent == queue->agents.end()) return;
  const RowName of = split_name(queue_name);
  const auto* const extension = tables_.extension(row_name(of.pbx, of.tenant, number));
  publish(documents_.agent(occasion_of(of.pbx, of.tenant), of.entity, queue->row, number,
                           extension ? std::string_view(extension->row.name) : std::string_view(), agent->second.row));
}

void Step::publish_queue(std::string_view name) {
  const auto* const queue = tables_.queue(name);
  if (!queue || !queue->row.is_shown()) return;
  const RowName of = split_name(name);
  publish(documents_.queue(occasion_of(of.pbx, of.tenant), of.entity, *queue));
}

void Step::publish_call(std::string_view name) {
  const auto* const call = tables_.call(name);
  if (!call) return;
  const RowName of = split_name(name);
  publish(documents_.call(occasion_of(of.pbx, of.tenant), of.entity, call->row));
}

void Step::undo() {
  changed_.clear();
  replaced_.clear();
  for (; !old_.empty(); old_.pop_back()) {
    Old& latest = old_.back();
    tables_.exchange(latest.kind, latest.name, std::move(latest.row));
  }
  derivation_ = {};
}

}  // namespace pbxbridge::derive::state
