#include "deliver/sink_loop.hpp"

#include "deliver/delivery_words.hpp"
#include "pbxbridge/event.hpp"
#include "text/log_text.hpp"
#include "text/mask.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::deliver {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t read_batch = 256;
/// Bounds of how far the loop reads ahead of the oldest delivery that is neither done nor deferred, and of how many may
/// wait in all: enough to keep a full window while some keys wait, and bounded in memory whatever the payloads are.
constexpr std::size_t read_ahead_deliveries = 10'000;
constexpr std::size_t read_ahead_bytes = 4 * 1024 * 1024;
/// Bound while some wait for a retry: others are to pass them for long.
constexpr std::size_t read_past_bytes = 16 * 1024 * 1024;
/// Interval at which positions are stored.
constexpr std::chrono::milliseconds deferred_interval{200};
/// Steps of one turn, so that a long backlog does not keep the io thread from the sessions.
constexpr int pump_budget = 1000;
/// A connection that lived so long was a good one.
constexpr std::chrono::seconds calm{30};
/// Between two connections of the search for what the peer answers by ending them.
constexpr std::chrono::milliseconds longest_search_delay{100};
/// Longest time for closing a sink, out of the time for stopping.
constexpr std::chrono::milliseconds close_reserve{1500};

}  // namespace

SinkLoop::SinkLoop(boost::asio::io_context& io, std::string name, const config::SinkConfig& config, MakeSink make_sink,
                   spool::EventCursors& spool, spool::DeadLetters* letters, std::shared_ptr<const route::Router> router,
                   observe::Log& log, SinkMetrics& metrics, OutcomeWatch& watch)
    : io_(io),
      name_(std::move(name)),
      make_sink_(std::move(make_sink)),
      spool_(spool),
      router_(std::move(router)),
      log_(log),
      metrics_(metrics),
      watch_(watch),
      cursor_(spool.open_cursor(name_, config.start)),
      deferred_before_(spool.deferred(cursor_)),
      replayed_up_to_(spool.replayed_up_to(cursor_)),
      configured_window_(config.window),
      queue_([backoff = retry::Backoff(config.retry.initial, config.retry.maximum)](unsigned failed_attempts) {
        return backoff.delay(failed_attempts);
      }),
      rejected_(name_, letters, queue_, log, metrics, watch),
      hang_ups_(io, name_, queue_, rejected_, log, [this] { wake(); }),
      search_delay_(std::min<std::chrono::milliseconds>(config.reconnect.initial, longest_search_delay)),
      reconnect_backoff_(config.reconnect.initial, config.reconnect.maximum),
      account_backoff_(config.auth_retry.initial, config.auth_retry.maximum),
      reconnect_timer_(io.get_executor()),
      retry_timer_(io.get_executor()),
      deferred_timer_(io.get_executor()),
      stop_timer_(io.get_executor()),
      scratch_(std::make_unique<route::Router::Scratch>()),
      taken_by_route_(router_->size(), 0) {}

SinkLoop::~SinkLoop() = default;

void SinkLoop::start() { connect(); }

void SinkLoop::wake() {
  if (pump_posted_ || state_ != State::connected) return;
  pump_posted_ = true;
  boost::asio::post(io_, lifetime_.guard([this] { pump(); }));
}

void SinkLoop::use_routes(std::shared_ptr<const route::Router> router) {
  router_ = std::move(router);
  taken_by_route_.assign(router_->size(), 0);
  logged_.clear();
}

void SinkLoop::deliver_as_well(const EventPtr& event, route::Routed routed) {
  if (!has_room() || is_ending()) return rejected_.drop_copy(event);
  rejected_.add_copy(event, std::move(routed));
  wake();
}

void SinkLoop::reopen() {
  if (sink_) sink_->reopen();
}

void SinkLoop::stop(StopMode mode, std::chrono::milliseconds timeout, std::function<void(std::uint64_t)> stopped) {
  if (state_ == State::closed) {
    boost::asio::post(io_, [stopped = std::move(stopped), rest = waiting()] { stopped(rest); });
    return;
  }
  stopped_ = std::move(stopped);
  if (state_ == State::closing) return;  // it is closed by the deadline of then
  stop_deadline_ = Clock::now() + timeout;
  if (mode == StopMode::at_once) return close_sink();
  stop_timer_.after(timeout - std::min(timeout / 2, close_reserve), [this] { close_sink(); });
  close_if_drained();
}

void SinkLoop::connect() {
  state_ = State::connecting;
  sink_ = make_sink_(SinkContext{name_, io_.get_executor(), *this});
  sink_->connect();
}

void SinkLoop::connected(std::string detail) {
  if (state_ != State::connecting) return;
  state_ = State::connected;
  account_backoff_.reset();
  blocked_ = false;
  hang_ups_.connected(Clock::now());
  window_ = sink_->window();
  largest_payload_ = sink_->largest_payload();
  if (configured_window_ != 0) window_ = std::min<std::size_t>(window_, configured_window_);
  metrics_.connections.add();
  metrics_.connected.set(1);
  note_state(SinkState::connected);
  peer_ = text::log_text(detail);
  if (!std::exchange(connected_logged_, true))
    log_.write(observe::log_code::sink_connected, subject(), "connected to " + detail,
               {{"events_waiting", std::to_string(waiting())}});
  reconnect_timer_.after(calm, [this] {
    reconnect_backoff_.reset();
    if (queue_.in_flight() == 0) last_failure_.clear();
  });
  wake();
}

void SinkLoop::connection_lost(Error error) {
  if (is_ending()) return;
  const bool was_connected = state_ == State::connected;
  state_ = State::waiting;
  metrics_.connected.set(0);
  note_state(SinkState::disconnected);
  metrics_.connection_failures.add();
  const std::size_t in_flight = queue_.in_flight();
  error.text = words_for_log(queue_, error.text, error.peer_words);
  note_failure(error.text);
  hang_ups_.connection_lost(error, was_connected);
  queue_.connection_lost();
  hang_ups_.defer_suspects();
  // The sink may be calling from within itself, so it goes later.
  boost::asio::post(io_, [sink = std::shared_ptr<Sink>(std::move(sink_))] {});

  auto& backoff = error.account_rejected ? account_backoff_ : reconnect_backoff_;
  const auto delay = std::max(hang_ups_.makes_progress() ? search_delay_ : backoff.next(), error.wait);
  if (error.text != last_failure_ || (!was_connected && connected_logged_)) {
    last_failure_ = error.text;
    connected_logged_ = false;
    log_.write(was_connected ? observe::log_code::sink_connection_lost : observe::log_code::sink_connection_failed,
               subject(), error.text + "; events wait in the spool, trying again until it works",
               {{"next_attempt_ms", std::to_string(delay.count())}, {"in_flight", std::to_string(in_flight)}});
  }
  reconnect_timer_.after(delay, [this] { connect(); });
  close_if_drained();
}

void SinkLoop::outcome(std::uint64_t token, Outcome outcome) {
  if (hang_ups_.wants_outcomes()) hang_ups_.settled(token, outcome.kind, turn_time().steady);
  if (auto settled = queue_.settle(token, outcome.kind, turn_time().steady)) {
    if (outcome.kind == Outcome::Kind::delivered)
      report_delivered(*settled);
    else if (outcome.kind == Outcome::Kind::retry)
      report_retry(*settled, outcome);
    else
      rejected_.rejected(std::move(*settled), outcome);
  }
  if (state_ == State::connected) return wake();
  acknowledge();
  turn_time_.reset();
}

const TurnTime& SinkLoop::turn_time() {
  if (!turn_time_) {
    turn_time_.emplace();
    reception_clock_.note(turn_time_->system, turn_time_->steady);
  }
  return *turn_time_;
}

void SinkLoop::writable() {
  blocked_ = false;
  wake();
}

void SinkLoop::alive() {
  hang_ups_.alive(Clock::now());
  wake();
}

void SinkLoop::notice(std::string text, std::string peer_words) {
  log_.write(observe::log_code::sink_notice, subject(), words_for_log(queue_, text, peer_words));
}

void SinkLoop::pump() {
  pump_posted_ = false;
  acknowledge();
  if (state_ == State::connected && has_room()) rejected_.add_redriven(*router_, *scratch_);
  int budget = pump_budget;
  while (state_ == State::connected && !blocked_ && queue_.in_flight() < window() && budget > 0) {
    --budget;
    if (!hand_off() && !read_more()) break;
  }
  if (std::exchange(to_flush_, false) && state_ == State::connected) sink_->flush();
  acknowledge();
  arm_retry_timer();
  turn_time_.reset();
  if (budget == 0) wake();
  close_if_drained();
}

std::size_t SinkLoop::window() {
  if (hang_ups_.quiet()) return window_;
  const auto others = hang_ups_.advance(
      *sink_, [this](const Delivery& delivery) { return hand_to_sink(delivery); }, turn_time().steady);
  return blocked_ ? 0 : std::min(window_, others);
}

bool SinkLoop::hand_off() {
  const Delivery* delivery = queue_.take_next(turn_time().steady);
  if (delivery == nullptr) return false;
  if (!hang_ups_.quiet()) hang_ups_.handed_off(delivery->token);
  if (const auto size = delivery->event->payload().size(); size > largest_payload_)
    outcome(delivery->token, Outcome::reject(fmt::format("its payload has {} bytes, and the far side takes {}", size,
                                                         largest_payload_)));
  else
    static_cast<void>(hand_to_sink(*delivery));
  return true;
}

bool SinkLoop::hand_to_sink(const Delivery& delivery) {
  const auto token = delivery.token;
  const bool redelivery = delivery.redelivery && delivery.event->sequence() > replayed_up_to_;
  to_flush_ = true;
  if (sink_->deliver(delivery)) {
    if (redelivery) metrics_.events_retried.add();
    return true;
  }
  blocked_ = state_ == State::connected;
  queue_.put_back(token);
  return false;
}

bool SinkLoop::read_more() {
  const bool full = !has_room();
  say_if_stalled(full && queue_.has_holds());
  if (full) return false;
  spool_.read(cursor_, read_batch, read_);
  for (const EventPtr& event : read_) add_deliveries(event);
  return !read_.empty();
}

bool SinkLoop::has_room() const {
  return queue_.size() < read_ahead_deliveries && queue_.unsettled() < read_ahead_deliveries &&
         queue_.size_bytes() < (queue_.has_holds() ? read_past_bytes : read_ahead_bytes);
}

void SinkLoop::add_deliveries(const EventPtr& event) {
  routed_.clear();
  router_->route(*event, name_, *scratch_, routed_);
  if (event->sequence() <= deferred_before_.passed) leave_out_done(*event);
  count_taken();
  for (route::Routed& routed : routed_) {
    if (routed.fallback) {
      metrics_.route_fallbacks.add();
      if (is_news("fallback " + routed.topic))
        log_.write(observe::log_code::route_fallback, subject(),
                   "a topic could not be made from an event, so it goes to the fallback topic; further ones are only "
                   "counted",
                   {{"fallback_topic", routed.topic},
                    {"event_id", event->id()},
                    {"event_type", text::plain_name(event->event_type())}});
    }
    Delivery delivery;
    delivery.event = event;
    delivery.topic = std::move(routed.topic);
    delivery.key = std::move(routed.key);
    delivery.options = std::move(routed.options);
    if (routed.key_missing) {
      metrics_.route_missing_keys.add();
      if (is_news("key " + delivery.topic))
        log_.write({&observe::log_code::route_key_missing,
                    subject(),
                    "a key could not be made from an event, so it goes without one and its order is not kept; further "
                    "ones are only counted",
                    fields_for_log(delivery),
                    {}});
    }
    delivery.redelivery = event->sequence() <= replayed_up_to_;
    hang_ups_.added(queue_.add(std::move(delivery)));
  }
  queue_.end_event(event->sequence());
}

/// An event counts once for each route, however many destinations of the route are in this sink.
void SinkLoop::count_taken() {
  deliveries_made_ += routed_.size();
  const route::Routed* before = nullptr;
  for (const route::Routed& routed : routed_) {
    if (before == nullptr || before->route != routed.route) ++taken_by_route_[routed.route];
    before = &routed;
  }
}

/// If none of its deliveries was deferred, the routes have changed meanwhile, and all are wanted.
void SinkLoop::leave_out_done(const Event& event) {
  const auto is_done = [&](const route::Routed& routed) {
    return !deferred_before_.holds({event.sequence(), destination_hash(routed.topic, routed.key)});
  };
  if (!std::ranges::all_of(routed_, is_done)) std::erase_if(routed_, is_done);
}

void SinkLoop::acknowledge() {
  if (queue_.acknowledged() > acknowledged_) {
    acknowledged_ = queue_.acknowledged();
    spool_.acknowledge(cursor_, acknowledged_);
  }
  if (queue_.has_deferred() && !std::exchange(deferred_due_, true)) {
    deferred_timer_.after(deferred_interval, [this] { remember_deferred(); });
  }
}

void SinkLoop::remember_deferred() {
  deferred_due_ = false;
  if (queue_.has_deferred()) spool_.remember_deferred(cursor_, queue_.deferred());
}

void SinkLoop::arm_retry_timer() {
  const auto next = queue_.next_retry();
  if (!next || next == retry_at_) return;
  retry_at_ = next;
  retry_timer_.after(*next - Clock::now(), [this] { wake(); });
}

void SinkLoop::close_if_drained() {
  if (!stop_deadline_ || is_ending()) return;
  if (waiting() == 0) close_sink();
}

void SinkLoop::close_sink() {
  if (is_ending()) return;
  const bool was_connected = state_ == State::connected;
  state_ = State::closing;
  reconnect_timer_.cancel();
  stop_timer_.cancel();
  if (!was_connected) {
    // A turn of its own: this may be the sink's own call.
    boost::asio::post(io_, lifetime_.guard([this] { finish(); }));
    return;
  }
  const auto left = std::max<Clock::duration>(*stop_deadline_ - Clock::now(), std::chrono::milliseconds(100));
  // Guards against a sink that breaks its contract: others may wait for this to end.
  stop_timer_.after(left + close_reserve, [this] { finish(); });
  sink_->close(std::chrono::duration_cast<std::chrono::milliseconds>(left),
               lifetime_.guard([this] { boost::asio::post(io_, lifetime_.guard([this] { finish(); })); }));
}

void SinkLoop::finish() {
  if (state_ == State::closed) return;
  stop_timer_.cancel();
  acknowledge();
  remember_deferred();
  rejected_.end();
  update_metrics();
  state_ = State::closed;
  note_state(SinkState::closed);
  metrics_.connected.set(0);
  sink_.reset();
  if (stopped_) std::exchange(stopped_, nullptr)(waiting());
}

}  // namespace pbxbridge::deliver
