#pragma once

#include "event/queue_name.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace pbxbridge::derive::state {

/// Queues of one PBX that administration has named as created or changed, until a `queue_status` says what they are;
/// and when the PBX is to be asked for one. Pure: it is told the time, in seconds.
class NamedQueues {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds quiet_time{2};  ///< without a further one: they may come by the hundred
  static constexpr std::chrono::seconds delay_max{10};  ///< from the first one on, where they do not cease
  static constexpr std::chrono::seconds wait_min{60};   ///< from one question to the next
  static constexpr std::size_t queues_max = 4096;       ///< further ones are not noted

  void named(event::QueueName queue) {
    if (queues_.size() >= queues_max) return;
    queues_.insert(std::move(queue));
    latest_at_.reset();
  }
  /// A `queue_status` has come of it, or it is no more.
  void told(const event::QueueName& queue) { queues_.erase(queue); }
  /// A `queue_status` of each is on its way.
  void clear() { queues_.clear(); }
  bool empty() const { return queues_.empty(); }

  /// Takes those that are to be asked about now; from time to time. `is_told_of`: the PBX would tell of that queue.
  template <class IsToldOf>
  event::QueueNames take_due(Time now, IsToldOf is_told_of) {
    std::erase_if(queues_, [&](const event::QueueName& queue) { return !is_told_of(queue); });
    if (queues_.empty()) {
      first_at_.reset();
      return {};
    }
    if (!first_at_) first_at_ = now;
    if (!latest_at_) latest_at_ = now;
    if (now < std::min(*latest_at_ + quiet_time, *first_at_ + delay_max) || now < not_before_) return {};
    not_before_ = now + wait_min;
    first_at_.reset();
    return std::exchange(queues_, {});
  }

 private:
  event::QueueNames queues_;
  // Times at which it is noticed.
  std::optional<Time> first_at_;
  std::optional<Time> latest_at_;
  Time not_before_{};
};

}  // namespace pbxbridge::derive::state
