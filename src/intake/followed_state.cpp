#include "intake/followed_state.hpp"

#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pbxbridge::intake {

namespace {

using derive::state::DocumentType;
using derive::state::TableKind;

/// Key of the row that says whom all documents were sent to. The tables of the state have other letters.
constexpr std::string_view takers_key = "t";
/// After a change of the subscriptions so long come events of what was subscribed to before.
constexpr std::chrono::seconds time_of_late_events{10};

/// The setting that bounds a table.
constexpr std::string_view bound_of(TableKind kind) {
  switch (kind) {
    case TableKind::extension:
      return "max_extensions";
    case TableKind::queue:
      return "max_queues";
    case TableKind::agent:
      return "max_agents";
    case TableKind::caller:
    case TableKind::call:
      break;
  }
  return "max_calls";
}

}  // namespace

FollowedState::FollowedState(spool::EventAppender& spool, observe::Log& log, derive::state::StateMetrics& metrics,
                             std::vector<spool::TableRow> rows, IsTold is_told, const config::StateConfig& settings,
                             std::shared_ptr<const route::Router> router)
    : spool_(spool),
      log_(log),
      metrics_(metrics),
      is_told_(std::move(is_told)),
      settings_(settings),
      router_(std::move(router)) {
  switch_on_or_off();
  if (!fold_) {
    for (auto& row : rows) left_rows_.changes.push_back({std::move(row.key), std::nullopt});
    remove_left_rows();
    return;
  }
  const auto takers = std::ranges::find(rows, takers_key, &spool::TableRow::key);
  if (takers != rows.end()) {
    published_to_ = std::move(takers->row);
    rows.erase(takers);
  }
  fold_->load(rows);
  publish_if_takers_changed();
}

void FollowedState::use(const config::StateConfig& settings, std::shared_ptr<const route::Router> router) {
  settings_ = settings;
  router_ = std::move(router);
  switch_on_or_off();
  if (fold_) publish_if_takers_changed();
}

/// A route, a sink or a type of document that is new has had nothing of what is there.
void FollowedState::publish_if_takers_changed() {
  if (published_to_ != router_->takers_of_state()) fold_->publish_all();
}

std::optional<std::size_t> FollowedState::republish() {
  if (!fold_) return std::nullopt;
  published_to_.clear();
  return fold_->publish_all();
}

derive::state::WantedDocuments FollowedState::wanted_documents() const {
  derive::state::WantedDocuments wanted;
  for (const auto& [type, name] : enum_names<DocumentType>)
    wanted.set(static_cast<std::size_t>(type), router_->may_take_own(name));
  return wanted;
}

void FollowedState::switch_on_or_off() {
  const auto wanted = wanted_documents();
  if (fold_ && wanted.any()) return fold_->use_settings(settings_, wanted);
  if (wanted.any()) {
    remove_left_rows();
    if (left_rows_.empty()) fold_.emplace(settings_, wanted, metrics_);
  } else if (fold_) {
    left_rows_.changes = fold_->removal_of_all_rows();
    left_rows_.changes.push_back({std::string(takers_key), std::nullopt});
    published_to_.clear();
    logged_full_.reset();
    fold_.reset();
    remove_left_rows();
  }
}

void FollowedState::remove_left_rows() {
  NewEventPtr no_cause;
  if (!left_rows_.empty() && !spool_.append(no_cause, std::move(left_rows_))) left_rows_ = {};
}

std::optional<spool::DropReason> FollowedState::append(NewEventPtr& event, event::JsonDocument& document,
                                                       std::uint64_t& derived) {
  auto derivation = fold_->fold(*event, document);
  keep_routed(derivation.events);
  const std::size_t events = derivation.events.size();
  const auto rejected = spool_.append(event, std::move(derivation));
  if (rejected) {
    fold_->undo();
    return rejected;
  }
  fold_->accept();
  derived += events;
  return std::nullopt;
}

/// What has no cause. False: the spool has no room for it.
bool FollowedState::append(spool::Derivation&& derivation) {
  NewEventPtr no_cause;
  return derivation.empty() || !spool_.append(no_cause, std::move(derivation));
}

/// Returns whether the spool has taken a step, so that another may follow.
bool FollowedState::append_next(SystemTime now, derive::state::SteadyTime steady_now) {
  auto step = next_step(now, steady_now);
  if (!step) return false;
  keep_routed(step->events);
  const bool is_taken = append(std::move(*step));
  if (is_taken)
    fold_->accept();
  else
    fold_->undo();
  return is_taken;
}

std::optional<spool::Derivation> FollowedState::next_step(SystemTime now, derive::state::SteadyTime steady_now) {
  if (!rows_are_checked_) {
    if (auto step = fold_->forget(is_told_, now)) return step;
    if (!checked_at_) checked_at_ = steady_now;
    rows_are_checked_ = steady_now >= *checked_at_ + time_of_late_events;
  }
  return fold_->pass_time(now, steady_now);
}

/// Once all of them have had all documents: a later start need not send these again.
void FollowedState::note_takers() {
  const std::string& takers = router_->takers_of_state();
  if (published_to_ == takers || !fold_->has_published_all()) return;
  spool::Derivation derivation;
  derivation.changes.push_back({std::string(takers_key), takers});
  if (append(std::move(derivation))) published_to_ = takers;
}

void FollowedState::pbx_removed(const std::string& pbx) {
  if (fold_) fold_->forget_connection(pbx);
  check_rows();
}

void FollowedState::check_rows() {
  rows_are_checked_ = false;
  checked_at_.reset();
}

/// A route may want documents of one tenant alone.
void FollowedState::keep_routed(std::vector<NewEventPtr>& events) {
  std::erase_if(events, [this](const NewEventPtr& event) { return !router_->takes(*event, scratch_); });
}

bool FollowedState::pass_time(SystemTime now, derive::state::SteadyTime steady_now) {
  if (!left_rows_.empty()) {
    remove_left_rows();
    switch_on_or_off();
  }
  // The room that is left is for events, which nobody can say again.
  if (!fold_ || !spool_.has_room()) return false;
  const bool has_more = append_next(now, steady_now);
  if (!has_more) note_takers();
  log_full_tables();
  return has_more;
}

/// Once for each time that a table becomes full.
void FollowedState::log_full_tables() {
  const auto full = fold_->take_full_tables();
  for (const auto& [kind, name] : enum_names<TableKind>) {
    const auto place = static_cast<std::size_t>(kind);
    if (fold_->has_room(kind)) logged_full_.reset(place);
    if (!full.test(place) || logged_full_.test(place)) continue;
    logged_full_.set(place);
    log_.write(observe::log_code::state_table_full, "",
               "no more of the kind " + std::string(name) + " are followed: state." + std::string(bound_of(kind)) +
                   " or state.max_size is reached; further ones are only counted");
  }
}

void FollowedState::update_metrics() {
  if (fold_) return fold_->update_metrics();
  for (auto& rows : metrics_.rows) rows.set(0);
  metrics_.bytes.set(0);
}

}  // namespace pbxbridge::intake
