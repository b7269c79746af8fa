// Consequences of the time that has passed, and not of an event.

#include "derive/state/calls.hpp"
#include "derive/state/extensions.hpp"
#include "derive/state/fold.hpp"
#include "derive/state/names_of.hpp"
#include "derive/state/queues.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {

namespace {

template <class T>
auto unseen_since(std::string_view pbx, Stretch before) {
  return [pbx, before](const RowName& of, const T& row) { return of.pbx == pbx && row.seen < before; };
}

template <class T, class IsMeant>
bool has_any(const ByName<T>& table, IsMeant is_meant) {
  return std::ranges::any_of(table, [&](const auto& entry) { return is_meant(split_name(entry.first), entry.second); });
}

/// No snapshot names an extension that administration alone has named.
auto unseen_extension(std::string_view pbx, Stretch before) {
  return [pbx, before](const RowName& of, const Extension& extension) {
    return of.pbx == pbx && extension.row.is_known && extension.seen < before;
  };
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

bool Fold::pass_time(SystemTime now, SteadyTime steady_now) {
  Step step = begin({.at = now});
  if (remove_unreadable(step)) return true;
  remove_numbers(step, now);
  for (auto& [pbx, watch] : pbxs_) {
    if (step.changed_rows() == 0) close_orphans(step, watch, pbx, now, steady_now);
    if (step.changed_rows() == 0) remove_unseen(step, watch, pbx, now, steady_now);
  }
  count(step);
  return step.changed_rows() > 0 || publish_some(step, now);
}

/// Stays due until no such call is found: there may be more than a step removes.
void Fold::close_orphans(Step& step, PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now) {
  const auto before = watch.orphaned_before(steady_now, settings_.orphan_after);
  if (!before) return;
  const auto orphans = names_of(tables_.calls(), unseen_since<Call>(pbx, *before));
  if (orphans.empty()) watch.orphans_closed(*before);
  for (const auto& name : orphans) {
    step.set_occasion(occasion_of(name, now));
    close_orphan(step, name);
  }
}

std::optional<Stretch> Fold::take_calls_in_doubt(std::string_view pbx) {
  const auto watch = pbxs_.find(pbx);
  const auto before = watch == pbxs_.end() ? std::nullopt : watch->second.take_doubted_before();
  if (!before) return std::nullopt;
  return has_any(tables_.calls(), unseen_since<Call>(pbx, *before)) ? before : std::nullopt;
}

void Fold::calls_listed(std::string_view pbx, Stretch before, const std::set<std::string, std::less<>>& open) {
  const auto watch = pbxs_.find(pbx);
  if (watch == pbxs_.end()) return;
  const auto is_in_doubt = unseen_since<Call>(pbx, before);
  for (const auto& [name, call] : tables_.calls()) {
    const RowName of = split_name(name);
    if (is_in_doubt(of, call) && open.contains(of.entity)) tables_.call(name)->seen = before;
  }
  watch->second.calls_have_ended(before);
}

std::optional<Stretch> Fold::take_unlisted(std::string_view pbx, Listed what, SteadyTime now) {
  const auto before = watch(pbx).take_unlisted_before(what, now);
  if (!before) return std::nullopt;
  const bool are_unseen = what == Listed::queues ? has_any(tables_.queues(), unseen_since<Queue>(pbx, *before))
                                                 : has_any(tables_.extensions(), unseen_extension(pbx, *before));
  return are_unseen ? before : std::nullopt;
}

void Fold::listed(std::string_view pbx, Listed what, Stretch before, const std::set<std::string, std::less<>>& names) {
  const auto note = [before](auto* row) { row->seen = std::max(row->seen, before); };
  if (what == Listed::queues) {
    for (const auto& [name, queue] : tables_.queues())
      if (const RowName of = split_name(name);
          of.pbx == pbx && (names.contains(of.entity) || names.contains(queue.row.number)))
        note(tables_.queue(name));
  } else {
    for (const auto& [name, extension] : tables_.extensions())
      if (const RowName of = split_name(name);
          of.pbx == pbx && (names.contains(of.entity) || names.contains(extension.row.id)))
        note(tables_.extension(name));
  }
  watch(pbx).listed(what, before);
}

void Fold::remove_unseen(Step& step, PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now) {
  if (const auto before = watch.gone_before(Listed::extensions, steady_now)) {
    const auto gone = names_of(tables_.extensions(), unseen_extension(pbx, *before));
    if (gone.empty()) watch.removed(Listed::extensions);
    for (const auto& name : gone) {
      step.set_occasion(occasion_of(name, now));
      remove_extension(step, name);
    }
    publish_extensions(pbx, entities_of(gone));
  }
  if (const auto before = watch.gone_before(Listed::queues, steady_now); before && step.changed_rows() == 0) {
    const auto gone = names_of(tables_.queues(), unseen_since<Queue>(pbx, *before));
    if (gone.empty()) watch.removed(Listed::queues);
    std::set<std::string> numbers;
    remove_queues(step, gone, now, numbers);
    publish_queues(pbx, numbers);
  }
}

/// Removes as many of them as a step may change. `numbers`: gets those of the queues that are gone.
void Fold::remove_queues(Step& step, const std::vector<std::string>& names, SystemTime now,
                         std::set<std::string>& numbers) {
  std::size_t left = rows_at_once;
  for (const auto& name : names) {
    step.set_occasion(occasion_of(name, now));
    const std::string number = tables_.queue(name)->row.number;
    left -= remove_queue(step, name, left);
    if (!number.empty() && !tables_.queue(name)) numbers.insert(number);
    if (left == 0) return;
  }
}

/// Sends them again where a topic has the number and not the tenant: the removal of one was that of another, too. A PBX
/// that was set up again has tenants with other ids.
void Fold::publish_extensions(std::string_view pbx, const std::set<std::string>& numbers) {
  if (numbers.empty()) return;
  for (const auto& [name, extension] : tables_.extensions()) {
    const RowName of = split_name(name);
    if (of.pbx == pbx && extension.row.is_known && numbers.contains(std::string(of.entity)))
      publish_later(DocumentType::extension, name);
  }
}

/// The same for queues with their agents.
void Fold::publish_queues(std::string_view pbx, const std::set<std::string>& numbers) {
  if (numbers.empty()) return;
  for (const auto& [name, queue] : tables_.queues())
    if (split_name(name).pbx == pbx && numbers.contains(queue.row.number)) publish_later(name, queue);
}

}  // namespace pbxbridge::derive::state
