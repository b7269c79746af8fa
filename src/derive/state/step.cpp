#include "derive/state/step.hpp"

#include <string>
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
  const Row old = tables_.exchange(kind, name, std::move(row));
  changes_.mark_row(kind, name, !is_none(old));
  ++changed_rows_;
  return true;
}

void Step::remove(TableKind kind, std::string_view name) {
  const std::string own_name(name);  // the caller's may be that of the row
  const Row old = tables_.exchange(kind, own_name, {});
  changes_.mark_row(kind, own_name, !is_none(old));
  ++changed_rows_;
}

}  // namespace pbxbridge::derive::state
