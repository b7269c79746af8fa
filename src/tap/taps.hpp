#pragma once

#include "deliver/outcome_watch.hpp"
#include "tap/tap.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pbxbridge::tap {

/// All who watch the events of the running bridge. While nobody does, an event costs one look at a flag. Whoever
/// watches and whatever for, all of them together take no more than a fiftieth of the io thread's time: events beyond
/// that are not looked at, and counted. Io thread only.
class Taps final : public deliver::OutcomeWatch {
 public:
  using Clock = std::function<Time()>;

  /// `router`: the routes in force, whichever they are; it outlives this object.
  explicit Taps(const std::shared_ptr<const route::Router>& router, Clock clock = std::chrono::steady_clock::now)
      : router_(router), clock_(std::move(clock)) {}

  void add(std::shared_ptr<Tap> tap);
  void remove(const std::shared_ptr<Tap>& tap);

  /// Called while `is_on`, in the order of their sequence.
  void accepted(std::span<const EventPtr> events);
  void ended(const std::string& sink, const Delivery& delivery, deliver::Ending ending,
             const std::string& reason) override;

 private:
  static constexpr double seconds_a_second = 0.02;

  void decide(Tap& tap, const Delivery& delivery);

  const std::shared_ptr<const route::Router>& router_;
  const Clock clock_;
  Parsers parsers_;
  Allowance time_{seconds_a_second};
  std::vector<std::shared_ptr<Tap>> taps_;
};

}  // namespace pbxbridge::tap
