#include "derive/state/queue_change.hpp"

#include "derive/state/queues.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace pbxbridge::derive::state {

namespace {

constexpr std::array<std::pair<std::string_view, AgentState>, 8> agent_states = {
    {{"READY", AgentState::ready},
     {"QUEUE_CALL", AgentState::queue_call},
     {"WRAP_UP", AgentState::wrap_up},
     {"OTHER_CALL", AgentState::other_call},
     {"NOT_READY", AgentState::not_ready},
     {"ONLINE", AgentState::logged_out},
     {"LOGOUT", AgentState::logged_out},  // 22.2
     {"OFFLINE", AgentState::offline}}};

using Totals = QueueRow::Totals;

/// Reasons for which a caller leaves, and what counts them.
constexpr std::array<std::pair<std::string_view, std::uint64_t Totals::*>, 4> reasons_to_leave = {
    {{"agent_answered", &Totals::answered},
     {"hangup", &Totals::abandoned},
     {"overflow", &Totals::overflowed},
     {"callback", &Totals::called_back}}};

AgentState agent_state(std::string_view word) {
  const auto found = std::ranges::find(agent_states, word, &std::pair<std::string_view, AgentState>::first);
  return found == agent_states.end() ? AgentState::unknown : found->second;
}

bool wants_call_back(PayloadReader& caller) { return caller.text("type") == "callback"; }

/// Keys of the map whose values another pass has named last.
template <class Map>
std::vector<std::string> of_other_passes(const Map& map, std::uint64_t pass) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map)
    if (value.named.pass != pass) keys.push_back(key);
  return keys;
}

}  // namespace

std::string_view extension_name(Step& step, std::string_view extension) {
  const auto* const found = step.tables().extension(row_name(step.occasion().pbx, step.occasion().tenant, extension));
  return found ? std::string_view(found->row.name) : std::string_view();
}

QueueChange::QueueChange(Step& step, std::string_view id)
    : step_(step), id_(id), name_(row_name(step.occasion().pbx, step.occasion().tenant, id)) {
  queue_ = step.tables().queue(name_);
  if (!queue_) {
    is_new_ = true;
    if (!step.put(TableKind::queue, name_, QueueRow())) return;
    queue_ = step.tables().queue(name_);
  }
  queue_->seen = step.occasion().stretch;
  pass_ = ++queue_->last_pass;
  row_ = queue_->row;
  counts_before_ = queue_->counts;
  longest_wait_before_ = queue_->longest_wait_since();
}

void QueueChange::set_number(std::string_view number) {
  if (row_.number == number) return;
  hide_queue(step_, name_);  // a topic may have the number
  row_.number = number;
  is_renamed_ = true;
  take_number_from_others();
}

void QueueChange::set_name(std::string_view name) {
  if (row_.name == name) return;
  row_.name = name;
  is_renamed_ = true;
}

void QueueChange::put_caller(PayloadReader& caller) {
  const bool is_callback = wants_call_back(caller);
  const Seconds since = step_.occasion().time(caller.time("timestamp"));
  const auto session = caller.id("session_id");
  if (!session) return step_.count_not_understood();
  put_caller(*session, is_callback, since);
}

/// A call that a connection names is still open.
void QueueChange::note_call(std::string_view session) {
  if (session.empty()) return;
  if (auto* const call = step_.tables().call(row_name(step_.occasion().pbx, step_.occasion().tenant, session)))
    call->seen = step_.occasion().stretch;
}

void QueueChange::put_caller(std::string_view session, bool is_callback, Seconds since) {
  const auto known = queue_->callers.find(session);
  if (known == queue_->callers.end()) {
    if (!step_.put(TableKind::caller, name_in_queue(name_, session), CallerRow{is_callback, since})) return;
    queue_->callers.find(session)->second.named = naming();
    return note_call(session);
  }
  if (is_first_naming(known->second.named)) note_call(session);
  known->second.named = naming();
  if (known->second.row.wants_call_back == is_callback) return;
  step_.put(TableKind::caller, name_in_queue(name_, session), CallerRow{is_callback, known->second.row.since});
}

void QueueChange::update_caller(PayloadReader& caller) {
  const bool is_callback = wants_call_back(caller);
  const Seconds since = step_.occasion().time(caller.time("timestamp"));
  const std::string reason(caller.text("reason").value_or(""));
  const auto session = caller.id("session_id");
  if (!session) return step_.count_not_understood();
  note_call(*session);
  if (reason == "enqueue") {
    ++row_.totals.entered;
    return put_caller(*session, is_callback, since);
  }
  const auto leaves =
      std::ranges::find(reasons_to_leave, reason, &std::pair<std::string_view, std::uint64_t Totals::*>::first);
  if (leaves == reasons_to_leave.end()) return step_.count_not_understood();
  ++(row_.totals.*leaves->second);
  remove_caller(*session);
}

void QueueChange::remove_caller(std::string_view session) {
  if (queue_->callers.contains(session)) step_.remove(TableKind::caller, name_in_queue(name_, session));
}

void QueueChange::remove_other_callers() {
  for (const auto& session : of_other_passes(queue_->callers, pass_)) remove_caller(session);
}

void QueueChange::put_agent(PayloadReader& agent) {
  auto extension = agent.extension("agent_extension_number");
  if (!extension) extension = agent.extension("extension");
  if (!extension) return step_.count_not_understood();
  const std::string number(*extension);
  const auto known = queue_->agents.find(number);
  const bool is_known = known != queue_->agents.end();
  const auto state_word = agent.text("state");
  if (!state_word) {
    if (is_known) known->second.named.pass = pass_;
    return step_.count_not_understood();
  }
  const AgentState state = agent_state(*state_word);
  const auto told_since = step_.occasion().credible(agent.time("timestamp"));
  const auto told_session = agent.text("session_id");
  std::string session(told_session.value_or(""));

  if (is_known && !told_session && known->second.row.state == state) session = known->second.row.session;
  AgentRow row{state, std::move(session), told_since.value_or(step_.occasion().time()), step_.occasion().now()};
  const bool is_first = !is_known || is_first_naming(known->second.named);
  if (is_first && state == AgentState::queue_call) note_call(row.session);
  if (is_known) {
    known->second.named = naming();
    const AgentRow& old = known->second.row;
    if (old.state == row.state && old.session == row.session) {
      // It may have come back to the same state while pbxbridge was away. Otherwise a time that another event repeats
      // is no change.
      const bool has_later_time = is_first && told_since && *told_since > old.since;
      if (!has_later_time) return;
    }
  }
  if (!step_.put(TableKind::agent, name_in_queue(name_, number), std::move(row))) return;
  publish_agent(number);
  if (!is_known) queue_->agents.find(number)->second.named = naming();
}

void QueueChange::publish_agent(std::string_view extension) {
  step_.publish_at_end(DocumentType::agent, name_in_queue(name_, extension));
}

void QueueChange::remove_agent(PayloadReader& agent) {
  if (const auto extension = agent.extension("agent_extension_number"))
    remove_agent(std::string(*extension));
  else
    step_.count_not_understood();
}

void QueueChange::remove_agent(std::string_view extension) {
  if (!queue_->agents.contains(extension)) return;
  step_.remove(TableKind::agent, name_in_queue(name_, extension));
  if (queue_->row.is_shown() && step_.wants(DocumentType::agent))
    step_.publish(step_.documents().agent_removed(step_.occasion(), id_, queue_->row, extension,
                                                  extension_name(step_, extension)));
}

void QueueChange::remove_other_agents() {
  for (const auto& extension : of_other_passes(queue_->agents, pass_)) remove_agent(extension);
}

/// A PBX gives a number once: the queue that had it before is gone, or is about to get another. Its documents are
/// removed before those of this one are made, for a topic may have the number and not the id.
void QueueChange::take_number_from_others() {
  const std::string tenant = row_name(step_.occasion().pbx, step_.occasion().tenant, "");
  std::vector<std::string> others;
  for (const auto& [name, queue] : step_.tables().queues())
    if (queue.row.number == row_.number && name != name_ && name.starts_with(tenant)) others.push_back(name);
  for (const auto& name : others) {
    hide_queue(step_, name);
    QueueRow row = step_.tables().queue(name)->row;
    row.number.clear();
    step_.put(TableKind::queue, name, std::move(row));
  }
}

void QueueChange::finish() {
  const bool is_changed = is_new_ || row_ != queue_->row || counts_before_ != queue_->counts ||
                          longest_wait_before_ != queue_->longest_wait_since();
  if (!is_changed) return;
  row_.updated = step_.occasion().now();
  step_.put(TableKind::queue, name_, std::move(row_));
  if (is_renamed_)
    for (const auto& [extension, agent] : queue_->agents) publish_agent(extension);
  step_.publish_at_end(DocumentType::queue, name_);
}

}  // namespace pbxbridge::derive::state
