#pragma once

#include "config/state_config.hpp"
#include "deliver/sink_metrics.hpp"
#include "derive/link_event.hpp"
#include "derive/status_event.hpp"
#include "event/classifier.hpp"
#include "intake/followed_state.hpp"
#include "intake/lost_events.hpp"
#include "intake/pbx_questions.hpp"
#include "intake/subscribed_subjects.hpp"
#include "observe/local_counts.hpp"
#include "observe/log.hpp"
#include "pbx/session.hpp"
#include "pbx/session_metrics.hpp"
#include "pbxbridge/event_kinds.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "route/router.hpp"
#include "spool/event_log.hpp"
#include "spool/gaps/gap_record.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::intake {

/// Takes payloads from the sessions to the spool: classifies each, counts it and hands it off. Appends pbxbridge's own
/// events about the links and the gaps, where a route takes them. Never waits for a sink. Io thread only.
class Intake final : public pbx::EventReceiver {
 public:
  /// `gaps`: null where they are not recorded.
  Intake(spool::EventAppender& spool, spool::GapRecord* gaps, std::shared_ptr<const route::Router> router,
         observe::Log& log);

  /// Called before the first event of that PBX.
  void add_pbx(const std::string& name, pbx::SessionMetrics& metrics);
  /// Sets what is subscribed to at that PBX from now on: at the start, and where a reload changes it.
  void use_subscriptions(const config::PbxConfig& pbx);
  /// Called after its last event.
  void remove_pbx(const std::string& name);
  /// Called before routes that name it are used.
  void add_sink(const std::string& name, deliver::SinkMetrics& metrics);
  /// Called before routes that do not know it are used.
  void remove_sink(const std::string& name) { sinks_.erase(name); }
  void use_routes(std::shared_ptr<const route::Router> router);
  /// Begins to follow the state of the PBXs, where a route takes it. Once the spool takes events, and before the first.
  /// `questions` outlives it.
  void follow_state(const config::StateConfig& settings, derive::state::StateMetrics& metrics,
                    std::vector<spool::TableRow> rows, PbxQuestions& questions);
  /// Takes effect with the routes that are used next.
  void use_state_settings(const config::StateConfig& settings) { state_settings_ = settings; }
  /// Brings the metrics up to date; before they are read.
  void update_metrics();

  bool receive(std::string_view pbx, std::string_view payload, const pbx::Reception& reception) override;
  void message_dropped(std::string_view pbx) override;
  void subscribed(std::string_view pbx, bool is_subscribed, SystemTime at) override;
  void snapshots_asked(std::string_view pbx, bool is_answered) override;
  void status_changed(std::string_view pbx, const pbx::SessionStatus& status) override;
  /// Sends the state of each link that its routes have not had: after they or their sinks have changed, and from time
  /// to time, for the spool may have had no room.
  void report_links();
  /// Returns whether `report_status` may send anything now: the latest `bridge_status` is half a minute old.
  bool is_status_due(derive::state::SteadyTime now) const { return now >= next_status_; }
  /// Sends how pbxbridge is, where its routes take it and it is news. Where the spool has no room, it is due again.
  void report_status(const derive::BridgeStatus& status, derive::state::SteadyTime now);
  /// Sends all documents of the state and the state of each link again, as time passes: somebody may have none of them
  /// any more. Returns the number of documents.
  std::size_t republish();
  /// Called from time to time, for what follows from the time that has passed. Returns whether more can follow soon.
  bool pass_time(SystemTime now, derive::state::SteadyTime steady_now);
  /// An event of the family `bridge` about that PBX was accepted that did not come through here.
  void count_bridge_event(std::string_view pbx) { count_own(pbx, Family::bridge); }
  /// The spool has room again, and no source is paused any longer.
  void room();
  /// Connections end from now on because pbxbridge does, or wants nothing more of that PBX.
  void stopping();
  void stopping(const std::string& pbx) { sources_.find(pbx)->second.is_stopping = true; }

 private:
  struct Source {
    std::string name;
    pbx::SessionMetrics* metrics;
    std::array<observe::LocalCount, enum_count<Family>> accepted = {};
    observe::LocalCount bytes = {};
    SystemTime last_event = {};
    bool is_paused = false;  // it was asked to pause, and not yet to resume
    bool is_stopping = false;
    bool is_subscribed = false;
    LostEvents lost = {};
    std::optional<derive::Link> link;
    std::optional<derive::Link> reported_link;  // by the latest event about it that was accepted
    std::set<std::string> topics;               // that are subscribed to
    SubscribedSubjects subscribed;
    std::set<std::string> logged;  // kinds of trouble in the log already; the metrics count on
  };

  std::optional<spool::DropReason> append(Source& source, NewEventPtr& event);
  void note_snapshots_of(const Source& source, const pbx::SubscriptionStatus& subscription);
  void set_paused(Source& source, bool is_paused);
  void note_whether_followed();
  void ask_questions(derive::state::SteadyTime now);
  void ask_about_queues(Source& source, derive::state::SteadyTime now);
  void ask_about_calls(const std::string& pbx);
  void ask_what_there_is(const std::string& pbx, derive::state::Listed what, derive::state::SteadyTime now);
  /// Null while no state is followed.
  derive::state::PbxWatch* watch(std::string_view pbx) { return state_ ? state_->watch(pbx) : nullptr; }
  void count_own(std::string_view pbx, Family family);
  void report_link(Source& source);
  void report_gap(const spool::Gap& gap);
  void count(Source& source, const Event& event, const event::UntidinessSet& untidiness);
  void count_rejected(const Event& event, spool::DropReason reason);
  void log_once(Source& source, const observe::LogCode& code, const std::string& message, const Event& event);

  spool::EventAppender& spool_;
  spool::GapRecord* gaps_;
  std::shared_ptr<const route::Router> router_;
  observe::Log& log_;
  event::Classifier classifier_;
  std::unique_ptr<route::Router::Scratch> scratch_;
  config::StateConfig state_settings_;
  PbxQuestions* questions_ = nullptr;  // with `state_`
  std::map<std::string, Source, std::less<>> sources_;
  std::map<std::string, deliver::SinkMetrics*> sinks_;
  std::optional<derive::BridgeStatus> reported_status_;  // by the latest event about it that was accepted
  derive::state::SteadyTime next_status_{};
  std::vector<route::Routed> routed_;   // kept for its capacity
  std::optional<FollowedState> state_;  // derives when it ends
  bool is_followed_ = false;            // state, at the latest look
};

}  // namespace pbxbridge::intake
