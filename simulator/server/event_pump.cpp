#include "simulator/server/event_pump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::sim {

namespace {

using namespace std::chrono_literals;

constexpr int max_events_in_one_run = 4096;   // then connections get their turn
constexpr std::uint64_t max_unwanted = 1000;  // so many of the model's events for one that somebody wants
constexpr std::chrono::milliseconds shortest_wait(1);
constexpr std::chrono::milliseconds longest_wait(50);

}  // namespace

EventPump::EventPump(boost::asio::io_context& io, const Options& options, const World& world, Model& model, Hooks hooks)
    : world_(world),
      model_(model),
      dialect_(options.dialect),
      hooks_(std::move(hooks)),
      timer_(io),
      speed_(options.replay_file.empty() ? options.speed : 0),
      count_(options.count),
      generate_(options.replay_file.empty()),
      replay_(options.speed > 0 ? options.speed : 1) {
  if (options.duration) duration_.emplace(*options.duration);
  pace_.set_rate(options.rate, Clock::now());
  prepare(options.prepare);
}

void EventPump::start() {
  if (!started_) {
    started_ = true;
    started_at_ = Clock::now();
    pace_.set_rate(pace_.rate(), started_at_);
    speed_since_ = started_at_;
    model_since_ = model_.now();
  }
  run();
}

void EventPump::stop() {
  stopped_ = true;
  timer_.cancel();
}

void EventPump::set_rate(double events_a_second) {
  speed_ = 0;
  pace_.set_rate(events_a_second, Clock::now());
  generate_ = true;
  if (started_) run();
}

void EventPump::set_speed(double speed) {
  settle();
  speed_since_ = Clock::now();
  model_since_ = model_.now();
  speed_ = speed;
  pace_.set_rate(0, speed_since_);
  generate_ = true;
  if (started_) run();
}

void EventPump::prepare(std::size_t count) {
  prepared_.clear();
  while (prepared_.size() < count) prepared_.push_back(*model_.next());
}

void EventPump::model_has_restarted() {
  prepare(prepared_.size());
  speed_since_ = Clock::now();
  model_since_ = model_.now();
}

void EventPump::settle() {
  if (started_ && speed_ > 0) {
    const auto until = model_time();
    for (int i = 0; i < max_events_in_one_run && !finished() && !hooks_.behind(); ++i)
      if (!push_until(until)) break;
  }
  while (!finished() && push_of_this_moment()) {
  }
}

void EventPump::push_rest_of_moment() {
  while (push_of_this_moment()) {
  }
}

void EventPump::end_moment() {
  if (!prepared_.empty()) return;
  while (!is_counted_out() && push_of_this_moment()) {
  }
}

void EventPump::run() {
  if (stopped_) return;
  for (int i = 0; i < max_events_in_one_run && !finished() && !hooks_.behind(); ++i)
    if (!push_next()) break;
  if (finished()) {
    tell_finished();
  } else {
    finish_told_ = false;
    schedule();
  }
}

bool EventPump::push_next() {
  if (!replay_.empty()) return replayed_is_due() && push_replayed();
  if (!generate_) return false;
  if (speed_ > 0) return push_until(model_time());
  if (pace_.due(Clock::now()) == 0) return false;
  return prepared_.empty() ? push_at_rate() : push_prepared();
}

bool EventPump::replayed_is_due() {
  const auto now = Clock::now();
  if (const auto wait = replay_.until_next(now)) return *wait <= Clock::duration::zero();
  return pace_.stopped() || pace_.due(now) > 0;
}

bool EventPump::push_replayed() {
  if (hooks_.push(replay_.take()) == 0) {
    ++unclaimed_;
  } else {
    pace_.sent();
    ++pushed_;
  }
  if (replay_.empty()) hooks_.report(fmt::format("replayed; {} lines had no subscriber", unclaimed_));
  return true;
}

bool EventPump::push_prepared() {
  for (std::size_t tried = 0; tried < prepared_.size(); ++tried) {
    const auto& event = prepared_[next_prepared_++ % prepared_.size()];
    if (!hooks_.wanted(event.facts)) continue;
    if (tell(event)) pace_.sent();
    return true;
  }
  pace_.set_rate(pace_.rate(), Clock::now());  // nobody is there to want one: nothing is owed to those who come
  return false;
}

/// The rate is that of events which somebody gets; while nobody has a subscription, that of all that happens.
bool EventPump::push_at_rate() {
  const bool heard = tell(*model_.next());
  if (!heard && hooks_.has_audience() && ++unwanted_ < max_unwanted) return true;
  unwanted_ = 0;
  pace_.sent();
  return true;
}

bool EventPump::push_until(Time time) {
  const auto event = model_.next(time);
  if (event) tell(*event);
  return event.has_value();
}

bool EventPump::push_of_this_moment() {
  const auto event = model_.next_of_this_moment();
  if (!event) return false;
  tell(*event);
  pace_.sent();
  return true;
}

bool EventPump::tell(const Event& event) {
  if (hooks_.push_made_up(event.facts, event.text) == 0) {
    hooks_.unheard(event);
    return false;
  }
  ++made_up_;
  ++pushed_;
  return true;
}

Time EventPump::model_time() const {
  const std::chrono::duration<double, std::milli> passed = (Clock::now() - speed_since_) * speed_;
  return model_since_ + std::chrono::duration_cast<Duration>(passed);
}

void EventPump::schedule() {
  if (nothing_to_come() && !duration_) return;
  timer_.expires_after(std::clamp<Clock::duration>(until_next(), shortest_wait, longest_wait));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) run();
  });
}

EventPump::Clock::duration EventPump::until_next() {
  if (nothing_to_come()) return longest_wait;
  if (!replay_.empty())
    if (const auto wait = replay_.until_next(Clock::now())) return *wait;
  if (speed_ > 0 && replay_.empty()) {
    const auto ahead = std::min(model_.next_due(), model_.now() + 1h) - model_time();
    return std::chrono::duration_cast<Clock::duration>(ahead / speed_);
  }
  const std::chrono::duration<double> one_event(pace_.stopped() ? 0.0 : std::min(1.0, 1.0 / pace_.rate()));
  return std::chrono::duration_cast<Clock::duration>(one_event);
}

bool EventPump::nothing_to_come() const { return replay_.empty() && (!generate_ || (pace_.stopped() && speed_ <= 0)); }

bool EventPump::finished() const {
  if (duration_ && started_ && Clock::now() - started_at_ >= *duration_) return true;
  return replay_.empty() && (!generate_ || is_counted_out());
}

void EventPump::tell_finished() {
  if (std::exchange(finish_told_, true)) return;
  end_moment();
  const auto seconds = std::chrono::duration<double>(Clock::now() - started_at_).count();
  hooks_.report(fmt::format("pushed {} events in {:.3f} s", pushed_, seconds));
  hooks_.done();
}

}  // namespace pbxbridge::sim
