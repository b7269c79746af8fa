#include "sink/redelivering_core.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::test {

using Clock = std::chrono::steady_clock;

RedeliveringCore::RedeliveringCore(EventLoop& loop, MakeSink make_sink, std::vector<Delivery> deliveries)
    : loop_(loop), make_sink_(std::move(make_sink)) {
  for (auto& delivery : deliveries) entries_.push_back({std::move(delivery)});
}

bool RedeliveringCore::run(std::chrono::milliseconds deadline, std::function<void()> meanwhile) {
  connect();
  const bool done = loop_.run_until(
      [&] {
        if (connect_at_ && Clock::now() >= *connect_at_) connect();
        deliver();
        if (meanwhile && acknowledged_ >= entries_.size() / 3 && in_flight_ > 0) std::exchange(meanwhile, nullptr)();
        return acknowledged_ == entries_.size();
      },
      deadline);
  sink_.reset();
  return done;
}

void RedeliveringCore::connect() {
  connect_at_.reset();
  full_ = false;
  sink_ = make_sink_({"conformance", loop_.executor(), *this});
  sink_->connect();
}

void RedeliveringCore::deliver() {
  if (!connected_ || full_) return;
  hand_off_what_fits();
  if (connected_) sink_->flush();
}

void RedeliveringCore::hand_off_what_fits() {
  for (auto i = first_waiting_; i < entries_.size() && in_flight_ < sink_->window(); ++i) {
    auto& entry = entries_[i];
    if (entry.state != State::waiting) continue;
    entry.delivery.token = i;
    entry.state = State::in_flight;
    ++in_flight_;
    is_delivering_ = true;
    const bool taken = sink_->deliver(entry.delivery);
    is_delivering_ = false;
    if (!taken) {
      entry.state = State::waiting;
      --in_flight_;
      full_ = true;
      return;
    }
    first_waiting_ = i + 1;
    if (!connected_) return;
  }
}

void RedeliveringCore::connected(std::string) { connected_ = true; }

void RedeliveringCore::connection_lost(Error error) {
  ++losses_;
  last_reason_ = std::move(error.text);
  connected_ = false;
  for (auto& entry : entries_) {
    if (entry.state != State::in_flight) continue;
    entry.state = State::waiting;
    entry.delivery.redelivery = true;
  }
  in_flight_ = 0;
  first_waiting_ = 0;
  connect_at_ = Clock::now() + std::chrono::milliseconds(100);  // the sink is destroyed then, not from within its call
}

void RedeliveringCore::outcome(std::uint64_t token, Outcome outcome) {
  EXPECT_FALSE(is_delivering_) << "outcome from within deliver";
  auto& entry = entries_[token];
  --in_flight_;
  if (outcome.kind == Outcome::Kind::delivered) {
    entry.state = State::acknowledged;
    ++acknowledged_;
    return;
  }
  ++retries_;
  last_reason_ = std::move(outcome.reason);
  entry.state = State::waiting;
  entry.delivery.redelivery = true;
  first_waiting_ = std::min<std::size_t>(first_waiting_, token);
}

void RedeliveringCore::writable() { full_ = false; }

}  // namespace pbxbridge::test
