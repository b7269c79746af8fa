#pragma once

#include "config/state_config.hpp"
#include "derive/state/fold.hpp"
#include "observe/log.hpp"
#include "pbx/rest_list.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "route/router.hpp"
#include "spool/event_log.hpp"

#include <bitset>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::intake {

/// The tables of state between intake and spool: made where a route takes a document of them, read from the spool at
/// the start, removed from it where no route takes one any more. Io thread only.
class FollowedState {
 public:
  /// False: no PBX can tell any more what becomes of that, for it is no longer configured or subscribed to.
  using IsTold = std::function<bool(const derive::state::RowSubject&)>;
  /// An event about that PBX was derived.
  using OnDerived = std::function<void(std::string_view pbx)>;

  /// `rows`: as the spool has them, which takes events already, and outlives this.
  FollowedState(spool::EventAppender& spool, observe::Log& log, derive::state::StateMetrics& metrics,
                std::vector<spool::TableRow> rows, IsTold is_told, OnDerived on_derived,
                const config::StateConfig& settings, std::shared_ptr<const route::Router> router);
  /// Derives what is still to be derived.
  ~FollowedState();
  FollowedState(const FollowedState&) = delete;
  FollowedState& operator=(const FollowedState&) = delete;

  /// Replaces the settings and routes.
  void use(const config::StateConfig& settings, std::shared_ptr<const route::Router> router);

  bool is_on() const { return fold_.has_value(); }
  /// Appends the event, and what follows from it with others that come soon. Where the reason of a rejection is
  /// returned, the event is left with the caller, and nothing has changed.
  std::optional<spool::DropReason> append(NewEventPtr& event, event::JsonDocument& document);

  /// Null while nothing is followed.
  derive::state::PbxWatch* watch(std::string_view pbx) { return fold_ ? &fold_->watch(pbx) : nullptr; }
  /// Asks `Fold` for the same.
  template <class IsToldOf>
  event::QueueNames take_queues_in_question(std::string_view pbx, derive::state::SteadyTime now, IsToldOf is_told_of) {
    return fold_ ? fold_->take_queues_in_question(pbx, now, is_told_of) : event::QueueNames();
  }
  std::optional<derive::state::Stretch> take_calls_in_doubt(std::string_view pbx) {
    return fold_ ? fold_->take_calls_in_doubt(pbx) : std::nullopt;
  }
  void calls_listed(std::string_view pbx, derive::state::Stretch before, const pbx::ListedNames& open) {
    if (fold_) fold_->calls_listed(pbx, before, open);
  }
  std::optional<derive::state::Stretch> take_unlisted(std::string_view pbx, derive::state::Listed what,
                                                      derive::state::SteadyTime now) {
    return fold_ ? fold_->take_unlisted(pbx, what, now) : std::nullopt;
  }
  void listed(std::string_view pbx, derive::state::Listed what, derive::state::Stretch before,
              const pbx::ListedNames& names) {
    if (fold_) fold_->listed(pbx, what, before, names);
  }
  /// A PBX is no longer configured.
  void pbx_removed(const std::string& pbx);
  /// `is_told` may be false of more than before.
  void check_rows();
  /// Sends all documents again, as time passes. Returns their number.
  std::size_t republish();
  /// Called from time to time: does what the time brings, and what the spool had no room for, in steps that each take
  /// little of the thread. Returns whether the next one can follow soon.
  bool pass_time(SystemTime now, derive::state::SteadyTime steady_now);
  void update_metrics();

 private:
  derive::state::WantedDocuments wanted_documents() const;
  void switch_on_or_off();
  void remove_left_rows();
  bool has_room_for_more();
  bool next_step(SystemTime now, derive::state::SteadyTime steady_now);
  void publish_if_takers_changed();
  void forget_takers();
  void note_takers();
  spool::Derivation derive();
  void log_full_tables();

  spool::EventAppender& spool_;
  observe::Log& log_;
  derive::state::StateMetrics& metrics_;
  const IsTold is_told_;
  const OnDerived on_derived_;
  config::StateConfig settings_;
  std::shared_ptr<const route::Router> router_;
  route::Router::Scratch scratch_;
  std::optional<derive::state::Fold> fold_;
  std::string published_to_;  // routes and sinks that had all documents; Router::takers_of_state
  bool rows_are_checked_ = false;
  std::optional<derive::state::SteadyTime> checked_at_;  // the latest check of the rows
  spool::Derivation left_rows_;                          // removes those of tables that are not followed any more
  std::bitset<enum_count<derive::state::TableKind>> logged_full_;
};

}  // namespace pbxbridge::intake
