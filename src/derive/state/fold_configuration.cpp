// What follows from another configuration, or from other subscribers, and not from an event.

#include "derive/state/calls.hpp"
#include "derive/state/extensions.hpp"
#include "derive/state/fold.hpp"
#include "derive/state/names_of.hpp"
#include "derive/state/queues.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <set>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {

void Fold::use_settings(const config::StateConfig& settings, WantedDocuments wanted) {
  settings_ = settings;
  wanted_ = wanted;
  documents_ = Documents(settings.numbers);
  may_have_numbers_ = true;
}

std::optional<spool::Derivation> Fold::forget(const std::function<bool(const RowSubject&)>& is_kept, SystemTime now) {
  begin({.at = now});
  const auto remove_all = [&](const std::vector<std::string>& names, void (*remove)(Step&, std::string_view)) {
    for (const auto& name : names) {
      step_->set_occasion(occasion_of(name, now));
      remove(*step_, name);
    }
  };
  const auto calls = names_of(tables_.calls(), [&](const RowName& of, const Call&) {
    return !is_kept({TableKind::call, of.pbx, of.tenant, "", true});
  });
  remove_all(calls, remove_call);
  if (has_begun()) return end();
  const auto extensions = names_of(tables_.extensions(), [&](const RowName& of, const Extension& extension) {
    return !is_kept({TableKind::extension, of.pbx, of.tenant, of.entity, extension.row.is_known});
  });
  remove_all(extensions, hide_extension);
  if (has_begun()) return end();
  const auto queues = names_of(tables_.queues(), [&](const RowName& of, const Queue& queue) {
    return !is_kept({TableKind::queue, of.pbx, of.tenant, queue.row.number, queue.row.is_shown()});
  });
  std::set<std::string> numbers;
  remove_queues(queues, now, numbers);
  return end();
}

std::size_t Fold::publish_all() {
  undo();
  to_publish_.clear();
  for (const auto& [name, extension] : tables_.extensions())
    if (extension.row.is_known) publish_later(DocumentType::extension, name);
  for (const auto& [name, queue] : tables_.queues()) publish_later(name, queue);
  for (const auto& [name, call] : tables_.calls()) publish_later(DocumentType::call, name);
  to_publish_.accept();
  return to_publish_.size();
}

void Fold::publish_later(DocumentType type, std::string_view name) {
  if (wanted_.test(static_cast<std::size_t>(type))) to_publish_.add({type, std::string(name)});
}

/// With its agents.
void Fold::publish_later(std::string_view name, const Queue& queue) {
  if (!queue.row.is_shown()) return;
  publish_later(DocumentType::queue, name);
  for (const auto& [extension, agent] : queue.agents)
    publish_later(DocumentType::agent, name_in_queue(name, extension));
}

void Fold::publish_some(SystemTime now) {
  while (to_publish_.taken() < rows_at_once) {
    const auto* const shown = to_publish_.take();
    if (!shown) return;
    step_->set_occasion(occasion_of(shown->name, now));
    step_->publish(shown->type, shown->name);
  }
}

/// Takes numbers that are not wanted any more out of rows and documents.
void Fold::remove_numbers(SystemTime now) {
  if (settings_.numbers || !may_have_numbers_) return;
  const auto names = names_of(tables_.calls(), [](const RowName&, const Call& call) { return call.row.has_numbers(); });
  may_have_numbers_ = !names.empty();
  for (const auto& name : names) {
    step_->set_occasion(occasion_of(name, now));
    step_->put(TableKind::call, name, tables_.call(name)->row.without_numbers());
    step_->publish(DocumentType::call, name);
  }
}

/// A row that cannot be read may have been made again by now.
void Fold::remove_unreadable() {
  while (unreadable_.taken() < rows_at_once) {
    const auto* const stored = unreadable_.take();
    if (!stored) return;
    const auto key = read_stored_key(*stored);
    if (!key || !tables_.has(key->kind, key->name)) step_->remove_stored(*stored);
  }
}

}  // namespace pbxbridge::derive::state
