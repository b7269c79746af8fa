#include "tap/taps.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::tap {

namespace {

double seconds(Time::duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Taps::add(std::shared_ptr<Tap> tap) {
  taps_.push_back(std::move(tap));
  set_on(true);
}

void Taps::remove(const std::shared_ptr<Tap>& tap) {
  std::erase(taps_, tap);
  set_on(!taps_.empty());
}

void Taps::accepted(std::span<const EventPtr> events) {
  if (events.empty()) return;
  for (const auto& tap : taps_) tap->decide_from(events.front()->sequence());
  Time now = clock_();
  while (!events.empty() && time_.has_any(now)) {
    ExaminedEvent event(events.front(), *router_, parsers_);
    for (const auto& tap : taps_) tap->accepted(event, now);
    events = events.subspan(1);
    const Time before = std::exchange(now, clock_());
    time_.spend(seconds(now - before));
  }
  for (const auto& tap : taps_) tap->not_looked_at(events.size());
}

void Taps::ended(const std::string& sink, const Delivery& delivery, deliver::Ending ending, const std::string& reason) {
  for (const auto& tap : taps_) {
    auto interest = tap->interest_in(sink, delivery);
    if (interest == Tap::Interest::undecided) {
      decide(*tap, delivery);
      interest = tap->interest_in(sink, delivery);
    }
    if (interest != Tap::Interest::shown) continue;
    const Time before = clock_();
    tap->ended(sink, delivery, ending, reason, std::chrono::system_clock::now());
    time_.spend(seconds(clock_() - before));
  }
}

void Taps::decide(Tap& tap, const Delivery& delivery) {
  const Time before = clock_();
  if (!time_.has_any(before)) return tap.not_looked_at(1);
  ExaminedEvent event(delivery.event, *router_, parsers_);
  tap.decide(event, before);
  time_.spend(seconds(clock_() - before));
}

}  // namespace pbxbridge::tap
