#include "intake/followed_state.hpp"

#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <utility>

namespace pbxbridge::intake {

namespace {

using derive::state::DocumentType;
using derive::state::TableKind;

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
                             std::vector<spool::TableRow> rows, std::function<bool(std::string_view pbx)> is_configured,
                             const config::StateConfig& settings, std::shared_ptr<const route::Router> router)
    : spool_(spool),
      log_(log),
      metrics_(metrics),
      is_configured_(std::move(is_configured)),
      settings_(settings),
      router_(std::move(router)) {
  switch_on_or_off();
  if (fold_) {
    append_all([&] { return fold_->load(std::exchange(rows, {})); });
    return;
  }
  for (auto& row : rows) left_rows_.changes.push_back({std::move(row.key), std::nullopt});
  remove_left_rows();
}

void FollowedState::use(const config::StateConfig& settings, std::shared_ptr<const route::Router> router) {
  settings_ = settings;
  router_ = std::move(router);
  switch_on_or_off();
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

/// Appends what `next` makes until it makes nothing more. False: the spool has no room for the rest.
bool FollowedState::append_all(const std::function<spool::Derivation()>& next) {
  while (true) {
    auto derivation = next();
    const bool is_last = derivation.empty();
    keep_routed(derivation.events);
    NewEventPtr no_cause;
    if (!is_last && spool_.append(no_cause, std::move(derivation))) {
      fold_->undo();
      return false;
    }
    fold_->accept();
    if (is_last) return true;
  }
}

/// A route may want documents of one tenant alone.
void FollowedState::keep_routed(std::vector<NewEventPtr>& events) {
  std::erase_if(events, [this](const NewEventPtr& event) { return !router_->takes(*event, scratch_); });
}

void FollowedState::pass_time(SystemTime now, derive::state::SteadyTime steady_now) {
  if (!left_rows_.empty()) {
    remove_left_rows();
    switch_on_or_off();
  }
  if (!fold_) return;
  if (!pbxs_are_checked_) pbxs_are_checked_ = append_all([&] { return fold_->forget_pbxs(is_configured_, now); });
  append_all([&] { return fold_->pass_time(now, steady_now); });
  log_full_tables();
}

/// Once for each time that a table becomes full.
void FollowedState::log_full_tables() {
  const auto full = fold_->take_full_tables();
  for (const auto& [kind, name] : enum_names<TableKind>) {
    const auto place = static_cast<std::size_t>(kind);
    if (full.test(place) && !logged_full_.test(place))
      log_.write(observe::log_code::state_table_full, "",
                 "no more of the kind " + std::string(name) + " are followed: state." + std::string(bound_of(kind)) +
                     " or state.max_size is reached; further ones are only counted");
    if (full.test(place)) logged_full_.set(place);
  }
}

void FollowedState::update_metrics() {
  if (fold_) fold_->update_metrics();
}

}  // namespace pbxbridge::intake
