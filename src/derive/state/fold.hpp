#pragma once

#include "config/state_config.hpp"
#include "derive/state/changes.hpp"
#include "derive/state/documents.hpp"
#include "derive/state/pbx_watch.hpp"
#include "derive/state/state_metrics.hpp"
#include "derive/state/step.hpp"
#include "derive/state/tables.hpp"
#include "event/queue_name.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/derivation.hpp"

#include <bitset>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::event {
class JsonDocument;
}

namespace pbxbridge::derive::state {

/// Subject of a row, as subscriptions select it.
struct RowSubject {
  TableKind kind;  ///< extension, queue or call
  std::string_view pbx;
  std::string_view tenant;
  std::string_view number;  ///< of the extension or queue
  bool is_shown;            ///< there is a document of it
};

/// Follows the state of extensions, queues, agents and calls by the events of the PBXs. Pure but for the counters: the
/// same rows, events and times give the same rows and documents. Its only clock is what it is passed. One thread.
///
/// The spool has taken an event before it is folded, and has room for what the time brings before that is asked for.
class Fold {
 public:
  /// `metrics` outlives it.
  Fold(const config::StateConfig& settings, WantedDocuments wanted, StateMetrics& metrics);
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  /// Takes effect at once on rows to come, and with `pass_time` on those that are there.
  void use_settings(const config::StateConfig& settings, WantedDocuments wanted);

  /// The rows as they are stored; before the first event. Those that cannot be read are removed by `pass_time`.
  void load(std::span<const spool::TableRow> rows);

  /// Returns whether events of this type can change a table.
  static bool is_followed(const Event& event);
  /// Takes an event of a PBX, which must live until `derive`. `document`: its payload, parsed or for parsing.
  void fold(const Event& event, event::JsonDocument& document);
  /// Returns how many rows and documents have changed since the latest `derive`.
  std::size_t changes() const { return changes_.size(); }
  /// Returns what follows from all that has come since the latest call: each row and each document as it is now.
  spool::Derivation derive() { return changes_.derive(tables_, documents_); }

  /// Takes the queues of that PBX of which a `queue_status` is to be asked for, as of `NamedQueues`.
  template <class IsToldOf>
  event::QueueNames take_queues_in_question(std::string_view pbx, SteadyTime now, IsToldOf is_told_of) {
    return watch(pbx).named_queues().take_due(now, is_told_of);
  }
  /// Calls of that PBX that were seen last before this may have ended in a gap. Nothing: there are none, or they were
  /// asked about already.
  std::optional<Stretch> take_calls_in_doubt(std::string_view pbx);
  /// Takes the session ids of the calls that are open, as the PBX says. Other calls in doubt are closed by `pass_time`.
  void calls_listed(std::string_view pbx, Stretch before, const std::set<std::string, std::less<>>& open);

  /// Returns the stretch before which extensions or queues of that PBX were seen last that may be gone: no snapshot
  /// tells, for none has come, as where all of them are gone, or not all. Nothing: it is not so, or not yet, or was
  /// asked about already.
  std::optional<Stretch> take_unlisted(std::string_view pbx, Listed what, SteadyTime now);
  /// Takes ids and numbers of all that there are, as the PBX says. Others that were seen last before are removed by
  /// `pass_time`.
  void listed(std::string_view pbx, Listed what, Stretch before, const std::set<std::string, std::less<>>& names);

  /// Returns what is known of the PBX's connection; `PbxWatch` says what follows from it.
  PbxWatch& watch(std::string_view pbx);
  /// Does what needs no event: calls of whose end nothing was heard, what snapshots no longer have, what
  /// other settings ask for, and documents that are sent again. A step of some hundred rows at most, which may have
  /// changed nothing. False: no more is to be done for now.
  bool pass_time(SystemTime now, SteadyTime steady_now);
  /// Removes what is about subjects for which `is_kept` is false, as `pass_time` does.
  bool forget(const std::function<bool(const RowSubject&)>& is_kept, SystemTime now);
  /// A PBX is no longer configured; its rows are for `forget`.
  void forget_connection(std::string_view pbx);

  /// Sends all documents again, with `pass_time`. Returns their number.
  std::size_t publish_all();
  bool has_published_all() const { return to_publish_.empty(); }

  /// Removes all rows, of tables that are given up.
  std::vector<spool::TableChange> removal_of_all_rows() const;

  const Tables& tables() const { return tables_; }
  /// Tables that had to reject a row since this was asked last.
  std::bitset<enum_count<TableKind>> take_full_tables() { return std::exchange(full_tables_, {}); }
  /// Returns whether a tenth of the table's bounds is free.
  bool has_room(TableKind kind) const;
  /// Brings the metrics up to date; before they are read.
  void update_metrics();

 private:
  /// A document that is to be sent again, by the name of its row.
  struct Shown {
    DocumentType type;
    std::string name;
  };

  Step begin(const Occasion& occasion) { return {tables_, documents_, changes_, settings_, wanted_, occasion}; }
  void count(const Step& step);
  bool shows_queues() const {
    return wanted_.test(static_cast<std::size_t>(DocumentType::queue)) ||
           wanted_.test(static_cast<std::size_t>(DocumentType::agent));
  }
  Occasion occasion_of(std::string_view name, SystemTime now) const;
  void remove_unseen(Step& step, PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now);
  void remove_queues(Step& step, const std::vector<std::string>& names, SystemTime now, std::set<std::string>& numbers);
  void publish_extensions(std::string_view pbx, const std::set<std::string>& numbers);
  void publish_queues(std::string_view pbx, const std::set<std::string>& numbers);
  void publish_later(DocumentType type, std::string_view name);
  void publish_later(std::string_view name, const Queue& queue);
  void close_orphans(Step& step, PbxWatch& watch, std::string_view pbx, SystemTime now, SteadyTime steady_now);
  bool remove_unreadable(Step& step);
  void remove_numbers(Step& step, SystemTime now);
  bool publish_some(Step& step, SystemTime now);

  config::StateConfig settings_;
  WantedDocuments wanted_;
  StateMetrics& metrics_;
  Documents documents_;
  Tables tables_;
  Changes changes_;
  std::map<std::string, PbxWatch, std::less<>> pbxs_;
  std::bitset<enum_count<TableKind>> full_tables_;
  std::vector<std::string> unreadable_;  // keys of stored rows
  std::vector<Shown> to_publish_;
  bool may_have_numbers_ = false;  // rows of calls, although the settings do not want them
};

}  // namespace pbxbridge::derive::state
