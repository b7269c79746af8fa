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
/// Time after a change of the subscriptions in which events of what was subscribed to before may come.
constexpr std::chrono::seconds time_of_late_events{10};
/// A PBX may go on pushing what it was asked to leave out: its rows are not removed forever.
constexpr std::chrono::seconds longest_check{60};

/// Changes that end a wait for more: they count for the bounds of the spool once they are derived.
constexpr std::size_t changes_at_once = 4096;

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
                             std::vector<spool::TableRow> rows, IsTold is_told, OnDerived on_derived,
                             const config::StateConfig& settings, std::shared_ptr<const route::Router> router)
    : spool_(spool),
      log_(log),
      metrics_(metrics),
      is_told_(std::move(is_told)),
      on_derived_(std::move(on_derived)),
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

FollowedState::~FollowedState() { spool_.set_derive({}); }

void FollowedState::use(const config::StateConfig& settings, std::shared_ptr<const route::Router> router) {
  spool_.derive_now();
  settings_ = settings;
  router_ = std::move(router);
  switch_on_or_off();
  if (fold_) publish_if_takers_changed();
}

/// A route, a sink or a type of document that is new has had nothing of what is there.
void FollowedState::publish_if_takers_changed() {
  if (published_to_ == router_->takers_of_state()) return;
  forget_takers();
  fold_->publish_all();
}

/// Sends all at once: those who come back before the others have had all have missed what changed meanwhile.
void FollowedState::forget_takers() {
  if (std::exchange(published_to_, {}).empty()) return;
  left_rows_.changes.push_back({std::string(takers_key), std::nullopt});
  remove_left_rows();
}

std::size_t FollowedState::republish() {
  if (!fold_) return 0;
  forget_takers();
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
    if (!left_rows_.empty()) return;
    fold_.emplace(settings_, wanted, metrics_);
    spool_.set_derive([this] { return derive(); });
  } else if (fold_) {
    spool_.set_derive({});
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

/// The spool takes the event first, so that nothing has to be taken back.
std::optional<spool::DropReason> FollowedState::append(NewEventPtr& event, event::JsonDocument& document) {
  const EventPtr cause = event;
  if (const auto rejected = spool_.append(event)) return rejected;
  fold_->fold(*cause, document);
  const std::size_t changes = fold_->changes();
  if (changes > 0) spool_.expect_derived();
  if (changes >= changes_at_once) spool_.derive_now();
  return std::nullopt;
}

/// A route may want documents of one tenant alone.
spool::Derivation FollowedState::derive() {
  auto derivation = fold_->derive();
  std::erase_if(derivation.events, [this](const auto& derived) { return !router_->takes(*derived.event, scratch_); });
  for (const auto& derived : derivation.events) on_derived_(derived.event->pbx());
  return derivation;
}

/// The room that is left at last is for events, which nobody can say again.
bool FollowedState::has_room_for_more() {
  NewEventPtr no_cause;
  return spool_.has_room() && !spool_.append(no_cause);
}

/// Returns whether there was something to be done, so that another step may follow.
bool FollowedState::next_step(SystemTime now, derive::state::SteadyTime steady_now) {
  if (!rows_are_checked_) {
    if (!checked_at_) checked_at_ = steady_now;
    const bool was_more = fold_->forget(is_told_, now);
    rows_are_checked_ = steady_now >= *checked_at_ + (was_more ? longest_check : time_of_late_events);
    if (was_more) return true;
  }
  return fold_->pass_time(now, steady_now);
}

/// Once all of them have had all documents: a later start need not send these again.
void FollowedState::note_takers() {
  const std::string& takers = router_->takers_of_state();
  if (published_to_ == takers || !fold_->has_published_all()) return;
  spool::Derivation derivation;
  derivation.changes.push_back({std::string(takers_key), takers});
  NewEventPtr no_cause;
  if (!spool_.append(no_cause, std::move(derivation))) published_to_ = takers;
}

void FollowedState::pbx_removed(const std::string& pbx) {
  if (fold_) fold_->forget_connection(pbx);
  check_rows();
}

void FollowedState::check_rows() {
  rows_are_checked_ = false;
  checked_at_.reset();
}

bool FollowedState::pass_time(SystemTime now, derive::state::SteadyTime steady_now) {
  if (!left_rows_.empty()) {
    remove_left_rows();
    switch_on_or_off();
  }
  if (!fold_ || !has_room_for_more()) return false;
  spool_.derive_now();  // what events have caused names its cause
  const bool has_more = next_step(now, steady_now);
  if (fold_->changes() > 0) spool_.expect_derived();
  spool_.derive_now();
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
