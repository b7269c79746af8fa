// Consequences of another configuration, or of other subscribers, and not of an event.

#include "derive/state/calls.hpp"
#include "derive/state/extensions.hpp"
#include "derive/state/fold.hpp"
#include "derive/state/names_of.hpp"
#include "derive/state/queues.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <cstddef>
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

bool Fold::forget(const std::function<bool(const RowSubject&)>& is_kept, SystemTime now) {
  Step step = begin({.at = now});
  const auto remove_all = [&](const std::vector<std::string>& names, void (*remove)(Step&, std::string_view)) {
    for (const auto& name : names) {
      step.set_occasion(occasion_of(name, now));
      remove(step, name);
    }
  };
  const auto calls = names_of(tables_.calls(), [&](const RowName& of, const Call&) {
    return !is_kept({TableKind::call, of.pbx, of.tenant, "", true});
  });
  remove_all(calls, remove_call);
  if (step.changed_rows() > 0) return true;
  const auto extensions = names_of(tables_.extensions(), [&](const RowName& of, const Extension& extension) {
    return !is_kept({TableKind::extension, of.pbx, of.tenant, of.entity, extension.row.is_known});
  });
  remove_all(extensions, hide_extension);
  if (step.changed_rows() > 0) return true;
  const auto queues = names_of(tables_.queues(), [&](const RowName& of, const Queue& queue) {
    return !is_kept({TableKind::queue, of.pbx, of.tenant, queue.row.number, queue.row.is_shown()});
  });
  std::set<std::string> numbers;
  remove_queues(step, queues, now, numbers);
  return step.changed_rows() > 0;
}

std::size_t Fold::publish_all() {
  to_publish_.clear();
  for (const auto& [name, extension] : tables_.extensions())
    if (extension.row.is_known) publish_later(DocumentType::extension, name);
  for (const auto& [name, queue] : tables_.queues()) publish_later(name, queue);
  for (const auto& [name, call] : tables_.calls()) publish_later(DocumentType::call, name);
  return to_publish_.size();
}

void Fold::publish_later(DocumentType type, std::string_view name) {
  if (wanted_.test(static_cast<std::size_t>(type))) to_publish_.push_back({type, std::string(name)});
}

/// Includes its agents.
void Fold::publish_later(std::string_view name, const Queue& queue) {
  if (!queue.row.is_shown()) return;
  publish_later(DocumentType::queue, name);
  for (const auto& [extension, agent] : queue.agents)
    publish_later(DocumentType::agent, name_in_queue(name, extension));
}

/// False: there is nothing to be sent again.
bool Fold::publish_some(Step& step, SystemTime now) {
  const bool is_any = !to_publish_.empty();
  for (std::size_t count = 0; count < rows_at_once && !to_publish_.empty(); ++count, to_publish_.pop_back()) {
    const auto& [type, name] = to_publish_.back();
    step.set_occasion(occasion_of(name, now));
    step.publish_at_end(type, name);
  }
  return is_any;
}

/// Takes numbers that are not wanted any more out of rows and documents.
void Fold::remove_numbers(Step& step, SystemTime now) {
  if (settings_.numbers || !may_have_numbers_) return;
  const auto names = names_of(tables_.calls(), [](const RowName&, const Call& call) { return call.row.has_numbers(); });
  may_have_numbers_ = !names.empty();
  for (const auto& name : names) {
    step.set_occasion(occasion_of(name, now));
    step.put(TableKind::call, name, tables_.call(name)->row.without_numbers());
    step.publish_at_end(DocumentType::call, name);
  }
}

/// A row that cannot be read may have been made again by now. False: there is none.
bool Fold::remove_unreadable(Step& step) {
  const bool is_any = !unreadable_.empty();
  for (std::size_t count = 0; count < rows_at_once && !unreadable_.empty(); ++count, unreadable_.pop_back()) {
    const std::string& stored = unreadable_.back();
    const auto key = read_stored_key(stored);
    if (!key || !tables_.has(key->kind, key->name)) step.remove_stored(stored);
  }
  return is_any;
}

}  // namespace pbxbridge::derive::state
