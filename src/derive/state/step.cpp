#include "derive/state/step.hpp"

#include "derive/state/row_codec.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <utility>

namespace pbxbridge::derive::state {

bool Step::is_full(TableKind kind) const {
  if (tables_.bytes() >= settings_.max_size.bytes) return true;
  switch (kind) {
    case TableKind::extension:
      return tables_.size(kind) >= settings_.max_extensions;
    case TableKind::queue:
      return tables_.size(kind) >= settings_.max_queues;
    case TableKind::agent:
      return tables_.size(kind) >= settings_.max_agents;
    case TableKind::caller:  // a caller is in a call
    case TableKind::call:
      return tables_.size(kind) >= settings_.max_calls;
  }
  return true;
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

void Step::undo() {
  for (; !old_.empty(); old_.pop_back()) {
    Old& latest = old_.back();
    tables_.exchange(latest.kind, latest.name, std::move(latest.row));
  }
  derivation_ = {};
}

}  // namespace pbxbridge::derive::state
