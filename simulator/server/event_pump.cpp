#include "simulator/server/event_pump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <utility>

namespace pbxbridge::sim {

namespace {

constexpr int max_events_in_one_run = 4096;  // then connections get their turn
constexpr std::chrono::milliseconds shortest_wait(1);
constexpr std::chrono::milliseconds longest_wait(50);

}  // namespace

EventPump::EventPump(boost::asio::io_context& io, const Options& options, World& world, Hooks hooks)
    : world_(world),
      dialect_(options.dialect),
      generator_(world, options.seed, options.dialect),
      hooks_(std::move(hooks)),
      timer_(io),
      count_(options.count),
      generate_(options.replay_file.empty()) {
  pace_.set_rate(options.rate, Pace::Clock::now());
  while (prepared_.size() < options.prepare)
    if (auto event = generator_.next(std::time(nullptr), [](const EventFacts&) { return true; }))
      prepared_.push_back(std::move(*event));
}

void EventPump::start() {
  if (!started_) {
    started_ = true;
    started_at_ = Pace::Clock::now();
    pace_.set_rate(pace_.rate(), started_at_);
  }
  run();
}

void EventPump::stop() {
  stopped_ = true;
  timer_.cancel();
}

void EventPump::set_rate(double events_a_second) {
  pace_.set_rate(events_a_second, Pace::Clock::now());
  generate_ = true;
  if (started_) run();
}

Result<std::size_t> EventPump::replay(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) return Error{ErrorCategory::configuration, fmt::format("{} cannot be read", file.string())};
  std::size_t lines = 0;
  for (std::string line; std::getline(stream, line); ++lines)
    replayed_.push_back({&*replayed_facts_.insert(facts_of(line, world_, dialect_)).first, std::move(line)});
  return lines;
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
  const auto now = Pace::Clock::now();
  const bool due = pace_.due(now) > 0;
  if (!replayed_.empty()) return (due || pace_.stopped()) && push_replayed();
  if (!generate_ || !due) return false;
  const auto* event = make_up();
  if (event == nullptr) {  // nobody is there to want one: nothing is owed to those who come
    pace_.set_rate(pace_.rate(), now);
    return false;
  }
  if (hooks_.push_made_up(event->facts, event->text) == 0) return true;
  pace_.sent();
  ++made_up_;
  ++pushed_;
  return true;
}

const Generator::Event* EventPump::make_up() {
  if (prepared_.empty()) {
    made_ = generator_.next(std::time(nullptr), hooks_.wanted);
    return made_ ? &*made_ : nullptr;
  }
  for (std::size_t tried = 0; tried < prepared_.size(); ++tried) {
    const auto& event = prepared_[next_prepared_++ % prepared_.size()];
    if (hooks_.wanted(event.facts)) return &event;
  }
  return nullptr;
}

bool EventPump::push_replayed() {
  const auto event = std::move(replayed_.front());
  replayed_.pop_front();
  if (hooks_.push(*event.facts, event.text) == 0) {
    ++unclaimed_;
  } else {
    pace_.sent();
    ++pushed_;
  }
  if (replayed_.empty()) hooks_.report(fmt::format("replayed; {} lines had no subscriber", unclaimed_));
  return true;
}

void EventPump::schedule() {
  const bool nothing_to_do = replayed_.empty() && (!generate_ || pace_.stopped());
  if (nothing_to_do) return;
  const auto one_event = pace_.stopped() ? 0.0 : 1000.0 / pace_.rate();
  const std::chrono::milliseconds wait(static_cast<std::int64_t>(std::min(one_event, 1000.0)));
  timer_.expires_after(std::clamp(wait, shortest_wait, longest_wait));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) run();
  });
}

bool EventPump::finished() const { return replayed_.empty() && (!generate_ || (count_ && made_up_ >= *count_)); }

void EventPump::tell_finished() {
  if (std::exchange(finish_told_, true)) return;
  const auto seconds = std::chrono::duration<double>(Pace::Clock::now() - started_at_).count();
  hooks_.report(fmt::format("pushed {} events in {:.3f} s", pushed_, seconds));
  hooks_.done();
}

}  // namespace pbxbridge::sim
