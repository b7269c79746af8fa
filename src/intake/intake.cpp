#include "intake/intake.hpp"

#include "derive/gap_event.hpp"
#include "pbxbridge/event.hpp"
#include "text/mask.hpp"

#include <chrono>
#include <functional>
#include <utility>

namespace pbxbridge::intake {

namespace {

/// Event types come from the PBX, so what is remembered of them is bounded.
constexpr std::size_t max_logged = 200;

constexpr std::chrono::seconds status_interval{30};

}  // namespace

Intake::Intake(spool::EventAppender& spool, spool::GapRecord* gaps, std::shared_ptr<const route::Router> router,
               observe::Log& log)
    : spool_(spool),
      gaps_(gaps),
      router_(std::move(router)),
      log_(log),
      scratch_(std::make_unique<route::Router::Scratch>()) {
  if (gaps_ != nullptr) gaps_->set_on_gap([this](const spool::Gap& gap) { report_gap(gap); });
}

void Intake::add_pbx(const std::string& name, pbx::SessionMetrics& metrics) {
  sources_.emplace(name, Source{.name = name, .metrics = &metrics, .logged = {}});
}

void Intake::add_sink(const std::string& name, deliver::SinkMetrics& metrics) { sinks_.emplace(name, &metrics); }

void Intake::use_routes(std::shared_ptr<const route::Router> router) {
  router_ = std::move(router);
  reported_status_.reset();
  next_status_ = {};
  if (state_) state_->use(state_settings_, router_);
  for (auto& [name, source] : sources_) {
    source.logged.clear();
    source.reported_link.reset();  // its sink may be another one, which has had nothing
  }
}

void Intake::update_metrics() {
  if (state_) state_->update_metrics();
  for (auto& [name, source] : sources_) {
    for (std::size_t family = 0; family < enum_count<Family>; ++family)
      source.accepted[family].publish(source.metrics->events_accepted[family]);
    source.bytes.publish(source.metrics->bytes_received);
    source.metrics->last_event_timestamp_seconds.set(
        std::chrono::duration<double>(source.last_event.time_since_epoch()).count());
  }
}

bool Intake::receive(std::string_view pbx, std::string_view payload, const pbx::Reception& reception) {
  Source& source = sources_.find(pbx)->second;
  auto classified = classifier_.classify(payload, pbx, reception.at, reception.connection_epoch, reception.is_snapshot);
  NewEventPtr event = std::move(classified.event);
  count(source, *event, classified.untidiness);
  const auto is_followed = [&] { return state_ && state_->is_on() && derive::state::Fold::is_followed(*event); };
  if (!router_->takes(*event, *scratch_) && !is_followed()) {
    source.metrics->events_unrouted.add();
    log_once(source, observe::log_code::event_unrouted, "no route takes events of this type, they go nowhere", *event);
  }
  const auto family = static_cast<std::size_t>(event->family());
  if (const auto rejected = append(source, event)) {
    count_rejected(*event, *rejected);
    if (auto* const watch = this->watch(pbx)) watch->event_lost(event->connection_epoch());
    source.lost.lost();
  } else {
    source.accepted[family].add();
  }
  set_paused(source, !spool_.has_room());
  if (source.is_paused) spool_.ask_for_room();
  return !source.is_paused;
}

/// A source that reads on although it was to be paused must not take the room of those that do not know yet.
std::optional<spool::DropReason> Intake::append(Source& source, NewEventPtr& event) {
  if (source.is_paused && !spool_.has_room()) return spool_.reject(*event);
  if (!state_ || !state_->is_on()) return spool_.append(event);
  return state_->append(event, classifier_.document());
}

void Intake::set_paused(Source& source, bool is_paused) {
  if (std::exchange(source.is_paused, is_paused) == is_paused) return;
  if (auto* const watch = this->watch(source.name)) watch->read(!is_paused);
}

void Intake::message_dropped(std::string_view pbx) {
  if (auto* const watch = this->watch(pbx)) watch->snapshots_incomplete();
  sources_.find(pbx)->second.lost.too_large();
}

void Intake::subscribed(std::string_view pbx, bool is_subscribed, SystemTime at) {
  using spool::SubscribedState;
  Source& source = sources_.find(pbx)->second;
  source.is_subscribed = is_subscribed;
  if (!is_subscribed) set_paused(source, false);
  if (auto* const watch = this->watch(pbx)) watch->subscribed(is_subscribed);
  source.lost.subscribed();
  if (gaps_ == nullptr) return;
  gaps_->note_subscribed(std::string(pbx),
                         is_subscribed        ? SubscribedState::on
                         : source.is_stopping ? SubscribedState::ended
                                              : SubscribedState::lost,
                         at);
}

void Intake::snapshots_asked(std::string_view pbx, bool is_answered) {
  if (auto* const watch = this->watch(pbx)) watch->snapshots_asked(is_answered);
}

void Intake::status_changed(std::string_view pbx, const pbx::SessionStatus& status) {
  Source& source = sources_.find(pbx)->second;
  source.link = derive::link_of(status);
  source.topics.clear();
  for (const auto& subscription : status.subscriptions) {
    source.topics.insert(subscription.topic);
    note_snapshots_of(source, subscription);
  }
  report_link(source);
}

/// A rejected or unanswered subscribe brings no snapshot, or a late one.
void Intake::note_snapshots_of(const Source& source, const pbx::SubscriptionStatus& subscription) {
  using derive::state::Listed;
  const bool is_without =
      subscription.state == pbx::SubscriptionState::rejected || subscription.state == pbx::SubscriptionState::silent;
  auto* const watch = is_without ? this->watch(source.name) : nullptr;
  if (watch == nullptr) return;
  if (subscription.topic.ends_with("extension_events")) watch->snapshots_incomplete(Listed::extensions);
  if (subscription.topic.ends_with("queue_events")) watch->snapshots_incomplete(Listed::queues);
}

void Intake::report_links() {
  for (auto& [name, source] : sources_) report_link(source);
}

void Intake::report_link(Source& source) {
  if (!source.link || (source.reported_link && source.reported_link->is_same_as(*source.link))) return;
  auto event = derive::link_event(source.name, *source.link, std::chrono::system_clock::now());
  if (!router_->takes(*event, *scratch_) || spool_.append(event)) return;
  source.accepted[static_cast<std::size_t>(Family::bridge)].add();
  source.reported_link = source.link;
}

void Intake::report_status(const derive::BridgeStatus& status, derive::state::SteadyTime now) {
  if (!is_status_due(now) || (reported_status_ && !status.is_news_after(*reported_status_))) return;
  auto event = derive::status_event(status, std::chrono::system_clock::now());
  const bool is_taken = router_->takes(*event, *scratch_);
  if (is_taken && spool_.append(event)) return;
  if (is_taken) reported_status_ = status;
  next_status_ = now + status_interval;
}

void Intake::report_gap(const spool::Gap& gap) {
  const auto found = sources_.find(gap.pbx);
  Source* const source = found == sources_.end() ? nullptr : &found->second;
  auto event =
      derive::gap_event(gap, source ? source->topics : std::set<std::string>(),
                        source && source->link ? source->link->connection_epoch : 0, std::chrono::system_clock::now());
  if (!router_->takes(*event, *scratch_)) return;
  if (const auto rejected = spool_.append(event))
    count_rejected(*event, *rejected);
  else if (source)
    source->accepted[static_cast<std::size_t>(Family::bridge)].add();
}

void Intake::follow_state(const config::StateConfig& settings, derive::state::StateMetrics& metrics,
                          std::vector<spool::TableRow> rows, PbxQuestions& questions) {
  state_settings_ = settings;
  questions_ = &questions;
  const auto is_told = [this](const derive::state::RowSubject& subject) {
    const auto source = sources_.find(subject.pbx);
    return source != sources_.end() && source->second.subscribed.contains(subject);
  };
  const auto on_derived = [this](std::string_view pbx) { count_own(pbx, Family::state); };
  state_.emplace(spool_, log_, metrics, std::move(rows), is_told, on_derived, state_settings_, router_);
}

void Intake::use_subscriptions(const config::PbxConfig& pbx) {
  sources_.find(pbx.name)->second.subscribed.use(pbx);
  if (state_) state_->check_rows();
}

void Intake::remove_pbx(const std::string& name) {
  sources_.erase(name);
  if (state_) state_->pbx_removed(name);
}

std::size_t Intake::republish() {
  for (auto& [name, source] : sources_) source.reported_link.reset();
  reported_status_.reset();
  return state_ ? state_->republish() : 0;
}

bool Intake::pass_time(SystemTime now, derive::state::SteadyTime steady_now) {
  if (!state_) return false;
  note_whether_followed();
  if (state_->is_on()) ask_questions(steady_now);
  return state_->pass_time(now, steady_now);
}

/// Tables that begin on a connection that stands have missed its snapshots.
void Intake::note_whether_followed() {
  if (std::exchange(is_followed_, state_->is_on()) || !is_followed_) return;
  for (auto& [name, source] : sources_) {
    if (!source.is_subscribed) continue;
    watch(name)->subscribed(true);
    source.lost.lost();
  }
}

void Intake::ask_questions(derive::state::SteadyTime now) {
  for (auto& [name, source] : sources_) {
    const bool has_room = !source.is_paused && spool_.has_room();
    if (source.lost.is_due(now, has_room))
      questions_->ask_for_snapshots(name);
    else if (!source.lost.is_pending() && has_room)
      ask_about_queues(source, now);
    if (source.lost.is_pending() || source.is_paused) continue;
    ask_about_calls(name);
    for (const auto what : {derive::state::Listed::extensions, derive::state::Listed::queues})
      ask_what_there_is(name, what, now);
  }
}

void Intake::ask_about_queues(Source& source, derive::state::SteadyTime now) {
  if (!source.is_subscribed) return;
  const auto is_told_of = [&source](const event::QueueName& queue) {
    return source.subscribed.is_selected(
        {derive::state::TableKind::queue, source.name, queue.tenant, queue.number, true});
  };
  const auto queues = state_->take_queues_in_question(source.name, now, is_told_of);
  if (queues.empty()) return;
  source.lost.snapshots_asked(now);
  questions_->ask_for_queues(source.name, queues);
}

/// An answer that comes late holds all the same: what has ended does not come back, and a later gap is asked about
/// again.
void Intake::ask_about_calls(const std::string& pbx) {
  const auto before = state_->take_calls_in_doubt(pbx);
  if (!before) return;
  questions_->ask_for_list(pbx, pbx::RestList::sessions, [this, pbx, before = *before](const pbx::ListedNames& open) {
    if (state_) state_->calls_listed(pbx, before, open);
  });
}

/// A PBX that has none of a kind sends no snapshot that could say so, and may reject who subscribes to one that is
/// gone.
void Intake::ask_what_there_is(const std::string& pbx, derive::state::Listed what, derive::state::SteadyTime now) {
  const auto before = state_->take_unlisted(pbx, what, now);
  if (!before) return;
  const auto list = what == derive::state::Listed::queues ? pbx::RestList::call_queues : pbx::RestList::users;
  questions_->ask_for_list(pbx, list, [this, pbx, what, before = *before](const pbx::ListedNames& names) {
    if (state_) state_->listed(pbx, what, before, names);
  });
}

void Intake::count_own(std::string_view pbx, Family family) {
  if (const auto source = sources_.find(pbx); source != sources_.end())
    source->second.accepted[static_cast<std::size_t>(family)].add();
}

void Intake::stopping() {
  next_status_ = derive::state::SteadyTime::max();  // nobody would wait for it to be delivered
  for (auto& [name, source] : sources_) source.is_stopping = true;
}

void Intake::room() {
  for (auto& [name, source] : sources_) set_paused(source, false);
}

void Intake::count_rejected(const Event& event, spool::DropReason reason) {
  for (const auto& [sink, metrics] : sinks_) {
    routed_.clear();
    router_->route(event, sink, *scratch_, routed_);
    if (!routed_.empty()) metrics->events_dropped[static_cast<std::size_t>(reason)].add();
  }
}

void Intake::count(Source& source, const Event& event, const event::UntidinessSet& untidiness) {
  pbx::SessionMetrics& metrics = *source.metrics;
  source.bytes.add(event.payload().size());
  source.last_event = event.received_at();
  if (untidiness.none()) return;
  for (std::size_t kind = 0; kind < untidiness.size(); ++kind) {
    if (!untidiness.test(kind)) continue;
    metrics.events_untidy[kind].add();
    log_once(source, observe::log_code::event_untidy,
             "an event is untidy (" + std::string(to_string(static_cast<event::Untidiness>(kind))) +
                 "), it flows on unchanged; further ones are only counted",
             event);
  }
}

void Intake::log_once(Source& source, const observe::LogCode& code, const std::string& message, const Event& event) {
  const std::string object = message + '\n' + std::string(event.event_type());
  if (source.logged.size() >= max_logged || !source.logged.insert(object).second) return;
  log_.write(
      {&code,
       "pbx " + source.name,
       message,
       {{"event_type", text::plain_name(event.event_type())}, {"family", std::string(to_string(event.family()))}},
       object});
}

}  // namespace pbxbridge::intake
