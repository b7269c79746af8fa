#include "tap/tap.hpp"

#include <utility>

namespace pbxbridge::tap {

namespace {

/// Events of a minute and a half, at the usual rate.
constexpr std::size_t most_followed = 2048;
constexpr std::chrono::seconds left_out_interval{1};

}  // namespace

Tap::Tap(Settings settings) : settings_(std::move(settings)), rate_(settings_.rate), followed_(most_followed) {}

void Tap::accepted(ExaminedEvent& event, Time now) {
  if (take(event, now)) add(accepted_line(event.event(), wanted_destinations(event), settings_.shown));
}

bool Tap::take(ExaminedEvent& event, Time now) {
  if (!settings_.filter.takes(event)) return false;
  if (!rate_.take(now)) {
    ++left_out_.over_rate;
    return false;
  }
  std::vector<std::uint64_t> wanted;
  if (!settings_.filter.takes_all_destinations())
    for (const Destination* each : wanted_destinations(event))
      wanted.push_back(FollowedEvents::hash(each->sink, each->delivery));
  followed_.follow(event.event().sequence(), std::move(wanted));
  return true;
}

std::vector<const Destination*> Tap::wanted_destinations(ExaminedEvent& event) const {
  std::vector<const Destination*> wanted;
  for (const Destination& each : event.destinations())
    if (settings_.filter.takes(each)) wanted.push_back(&each);
  return wanted;
}

Tap::Interest Tap::interest_in(const std::string& sink, const Delivery& delivery) const {
  const Sequence sequence = delivery.event->sequence();
  if (const auto wants = followed_.wants(sequence, sink, delivery)) return *wants ? Interest::shown : Interest::none;
  return followed_.is_undecided(sequence) ? Interest::undecided : Interest::none;
}

void Tap::ended(const std::string& sink, const Delivery& delivery, deliver::Ending ending, const std::string& reason,
                SystemTime now) {
  add(ended_line(sink, delivery, ending, reason, now, settings_.shown));
}

void Tap::add(const std::string& line) {
  if (text_.size() + line.size() > most_text)
    ++left_out_.reader_too_slow;
  else
    text_ += line;
}

std::string Tap::take_text(Time now, SystemTime wall_clock) {
  std::string text = std::exchange(text_, {});
  if (left_out_.any() && now - told_left_out_ >= left_out_interval) {
    text += left_out_line(std::exchange(left_out_, {}), wall_clock);
    told_left_out_ = now;
  }
  return text;
}

}  // namespace pbxbridge::tap
