// What follows from the time that has passed, and not from an event.

#include "derive/state/calls.hpp"
#include "derive/state/extensions.hpp"
#include "derive/state/fold.hpp"
#include "derive/state/queues.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <set>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {

namespace {

/// Rows that one derivation removes at most, so that a commit stays small.
constexpr std::size_t rows_at_once = 256;

/// Names of rows for which `is_meant`, some at a time.
template <class T, class IsMeant>
std::vector<std::string> names_of(const ByName<T>& table, IsMeant is_meant) {
  std::vector<std::string> names;
  for (const auto& [name, row] : table) {
    if (names.size() >= rows_at_once) break;
    if (is_meant(split_name(name).pbx, row)) names.push_back(name);
  }
  return names;
}

template <class T>
auto unseen_since(std::string_view pbx, Stretch before) {
  return [pbx, before](std::string_view of, const T& row) { return of == pbx && row.seen < before; };
}

/// Entities of the removed rows.
std::set<std::string> entities_of(const std::vector<std::string>& names) {
  std::set<std::string> entities;
  for (const auto& name : names) entities.emplace(split_name(name).entity);
  return entities;
}

}  // namespace

Occasion Fold::occasion_of(std::string_view name, SystemTime now) const {
  const auto [pbx, tenant, entity] = split_name(name);
  const auto watch = pbxs_.find(pbx);
  return {.pbx = pbx,
          .tenant = tenant,
          .at = now,
          .event_time = std::nullopt,
          .connection_epoch = watch == pbxs_.end() ? 0 : watch->second.connection_epoch()};
}

spool::Derivation Fold::pass_time(SystemTime now, SteadyTime steady_now) {
  for (auto& [pbx, watch] : pbxs_) {
    Step& step = begin({.pbx = pbx, .at = now});
    close_orphans(watch, pbx, now, steady_now);
    if (step.changes() == 0) remove_unseen(watch, pbx, now, steady_now);
    if (step.changes() > 0) return step.take();
  }
  return {};
}

/// What is due stays so until nothing of it is found: the spool may not take its removal.
void Fold::close_orphans(PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now) {
  const auto before = watch.orphaned_before(steady_now, settings_.orphan_after);
  if (!before) return;
  const auto orphans = names_of(tables_.calls(), unseen_since<Call>(pbx, *before));
  if (orphans.empty()) watch.orphans_closed(*before);
  for (const auto& name : orphans) {
    step_->set_occasion(occasion_of(name, now));
    close_orphan(*step_, name);
  }
}

void Fold::remove_unseen(PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now) {
  if (const auto before = watch.gone_before(Listed::extensions, steady_now)) {
    // No snapshot names an extension that administration alone has named.
    const auto gone = names_of(tables_.extensions(), [&](std::string_view of, const Extension& extension) {
      return of == pbx && extension.row.is_known && extension.seen < *before;
    });
    if (gone.empty()) watch.removed(Listed::extensions);
    for (const auto& name : gone) {
      step_->set_occasion(occasion_of(name, now));
      remove_extension(*step_, name);
    }
    publish_extensions(pbx, entities_of(gone), now);
  }
  if (const auto before = watch.gone_before(Listed::queues, steady_now)) {
    const auto gone = names_of(tables_.queues(), unseen_since<Queue>(pbx, *before));
    if (gone.empty()) watch.removed(Listed::queues);
    std::set<std::string> numbers;
    for (const auto& name : gone) {
      step_->set_occasion(occasion_of(name, now));
      if (const auto& row = tables_.queue(name)->row; row.is_shown()) numbers.insert(row.number);
      remove_queue(*step_, name);
    }
    publish_queues(pbx, numbers, now);
  }
}

/// Where a topic has the number and not the tenant, the removal of one was that of another, too: a PBX that was set up
/// again has tenants with other ids.
void Fold::publish_extensions(std::string_view pbx, const std::set<std::string>& numbers, SystemTime now) {
  if (numbers.empty() || !step_->wants(DocumentType::extension)) return;
  for (const auto& [name, extension] : tables_.extensions()) {
    const RowName of = split_name(name);
    if (of.pbx != pbx || !extension.row.is_known || !numbers.contains(std::string(of.entity))) continue;
    step_->publish(documents_.extension(occasion_of(name, now), of.entity, extension.row));
  }
}

/// The same for queues with their agents.
void Fold::publish_queues(std::string_view pbx, const std::set<std::string>& numbers, SystemTime now) {
  if (numbers.empty()) return;
  for (const auto& [name, queue] : tables_.queues()) {
    if (split_name(name).pbx != pbx || !numbers.contains(queue.row.number)) continue;
    step_->set_occasion(occasion_of(name, now));
    publish_queue(*step_, name);
  }
}

spool::Derivation Fold::forget_pbxs(const std::function<bool(std::string_view pbx)>& is_kept, SystemTime now) {
  const auto is_forgotten = [&](std::string_view pbx, const auto&) { return !is_kept(pbx); };
  Step& step = begin({.at = now});
  const auto remove_all = [&](const std::vector<std::string>& names, void (*remove)(Step&, std::string_view)) {
    for (const auto& name : names) {
      step.set_occasion(occasion_of(name, now));
      remove(step, name);
    }
  };
  remove_all(names_of(tables_.calls(), is_forgotten), remove_call);
  if (step.changes() == 0) remove_all(names_of(tables_.extensions(), is_forgotten), remove_extension);
  if (step.changes() == 0) remove_all(names_of(tables_.queues(), is_forgotten), remove_queue);
  if (step.changes() == 0) std::erase_if(pbxs_, [&](const auto& pbx) { return !is_kept(pbx.first); });
  return step.take();
}

}  // namespace pbxbridge::derive::state
