#pragma once

#include "config/state_config.hpp"
#include "derive/state/fold.hpp"
#include "observe/log.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "route/router.hpp"
#include "spool/event_log.hpp"

#include <bitset>
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
  /// `rows`: as the spool has them, which takes events already. `is_configured`: the PBX of that name is in the
  /// configuration.
  FollowedState(spool::EventAppender& spool, observe::Log& log, derive::state::StateMetrics& metrics,
                std::vector<spool::TableRow> rows, std::function<bool(std::string_view pbx)> is_configured,
                const config::StateConfig& settings, std::shared_ptr<const route::Router> router);

  /// In place of the settings and routes before.
  void use(const config::StateConfig& settings, std::shared_ptr<const route::Router> router);

  bool is_on() const { return fold_.has_value(); }
  /// Appends the event with what follows from it. `derived` is increased by the number of derived events. Where the
  /// reason of a rejection is returned, the event is left with the caller, and nothing has changed.
  std::optional<spool::DropReason> append(NewEventPtr& event, event::JsonDocument& document, std::uint64_t& derived);

  /// Null while nothing is followed.
  derive::state::PbxWatch* watch(std::string_view pbx) { return fold_ ? &fold_->watch(pbx) : nullptr; }
  /// A PBX is no longer configured.
  void pbx_removed() { pbxs_are_checked_ = false; }
  /// From time to time: what the time brings, and what the spool had no room for.
  void pass_time(SystemTime now, derive::state::SteadyTime steady_now);
  void update_metrics();

 private:
  derive::state::WantedDocuments wanted_documents() const;
  void switch_on_or_off();
  void remove_left_rows();
  bool append_all(const std::function<spool::Derivation()>& next);
  void keep_routed(std::vector<NewEventPtr>& events);
  void log_full_tables();

  spool::EventAppender& spool_;
  observe::Log& log_;
  derive::state::StateMetrics& metrics_;
  const std::function<bool(std::string_view pbx)> is_configured_;
  config::StateConfig settings_;
  std::shared_ptr<const route::Router> router_;
  route::Router::Scratch scratch_;
  std::optional<derive::state::Fold> fold_;
  bool pbxs_are_checked_ = false;  // no row is of a PBX that is not configured
  spool::Derivation left_rows_;    // removes those of tables that are not followed any more
  std::bitset<enum_count<derive::state::TableKind>> logged_full_;
};

}  // namespace pbxbridge::intake
