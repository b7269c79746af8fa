#include "derive/state/calls.hpp"

#include "derive/state/payload_reader.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::derive::state {

namespace {

/// Event types after which a call has another status. The others tell of its parties, or of one of its telephones that
/// no longer rings.
constexpr std::array<std::pair<std::string_view, CallStatus>, 13> new_statuses = {
    {{"call_start", CallStatus::ringing},
     {"cdr_target_add", CallStatus::ringing},
     {"cdr_target_ringing", CallStatus::ringing},
     {"cdr_target_answer", CallStatus::talking},
     // 16.x
     {"target_add", CallStatus::ringing},
     {"target_ringing", CallStatus::ringing},
     {"call_reroute", CallStatus::ringing},
     {"call_established", CallStatus::talking},
     {"call_hold", CallStatus::on_hold},
     {"call_unhold", CallStatus::talking},
     {"call_ended", CallStatus::ended},
     {"call_noanswer", CallStatus::ended},
     {"call_fail", CallStatus::ended}}};

std::optional<CallStatus> status_after(std::string_view event_type) {
  const auto found = std::ranges::find(new_statuses, event_type, &std::pair<std::string_view, CallStatus>::first);
  return found == new_statuses.end() ? std::nullopt : std::optional(found->second);
}

void read_parties(PayloadReader& event, bool numbers, CallRow& row) {
  if (const auto direction = event.text("direction"); direction && !direction->empty()) row.direction = *direction;
  if (!numbers) return;
  if (const auto caller = event.party("caller"); caller && !caller->empty()) row.caller = *caller;
  if (const auto callee = event.party("callee"); callee && !callee->empty()) row.callee = *callee;
}

}  // namespace

void fold_call_event(Step& step, std::string_view event_type, simdjson::dom::object event) {
  PayloadReader reader(event);
  const auto session = reader.id("session_id");
  if (!session) return step.count_not_understood();
  const std::string session_id(*session);
  const std::string name = row_name(step.occasion().pbx, step.occasion().tenant, session_id);
  const auto status = status_after(event_type);
  if (event_type == "call_cdr" || status == CallStatus::ended) {
    step.tables().ended_calls().add(name);
    return remove_call(step, name);
  }

  auto* const known = step.tables().call(name);
  if (!known && event_type != "call_start") {
    const bool may_begin = status || event_type == "call_update_info";
    if (!may_begin || step.tables().ended_calls().contains(name)) return;
  }
  CallRow row = known ? known->row : CallRow();
  if (!step.settings().numbers) row = row.without_numbers();
  read_parties(reader, step.settings().numbers, row);
  if (status) row.status = *status;
  const Seconds time = step.occasion().time(reader.time("time"));
  if (event_type == "call_start" && row.started == 0) row.started = time;
  if (row.status == CallStatus::talking && row.answered == 0) row.answered = time;
  if (!known || row != known->row) {
    row.updated = step.occasion().now();
    if (!step.put(TableKind::call, name, std::move(row))) return;
    step.publish_at_end(DocumentType::call, name);
  }
  (known ? known : step.tables().call(name))->seen = step.occasion().stretch;
}

void close_orphan(Step& step, std::string_view name) {
  const auto* const known = step.tables().call(name);
  if (!known) return;
  CallRow row = known->row;
  row.status = CallStatus::ended;
  row.updated = step.occasion().now();
  step.count_orphan_call();
  if (step.wants(DocumentType::call))
    step.publish(step.documents().call(step.occasion(), split_name(name).entity, row, "unknown"));
  remove_call(step, name);
}

void remove_call(Step& step, std::string_view name) {
  const auto* const known = step.tables().call(name);
  if (!known) return;
  const CallRow row = known->row;
  const std::string session(split_name(name).entity);
  step.remove(TableKind::call, name);
  if (step.wants(DocumentType::call)) step.publish(step.documents().call_removed(step.occasion(), session, row));
}

}  // namespace pbxbridge::derive::state
