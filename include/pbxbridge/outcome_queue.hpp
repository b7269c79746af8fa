#pragma once

#include "pbxbridge/sink.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace pbxbridge {

/// Brings outcomes from a library's threads to the io thread, many with one post.
///
/// `push` may be called from any thread. `take` is called on the io thread, once for each outcome, in the order pushed.
/// Hold it by shared_ptr and call `stop` on the io thread before the sink goes: `take` is not called afterwards.
class OutcomeQueue : public std::enable_shared_from_this<OutcomeQueue> {
 public:
  using Take = std::function<void(std::uint64_t token, Outcome outcome)>;

  OutcomeQueue(boost::asio::any_io_executor executor, Take take)
      : executor_(std::move(executor)), take_(std::move(take)) {}

  using Entry = std::pair<std::uint64_t, Outcome>;

  void push(std::uint64_t token, Outcome outcome) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = gathered_.empty();
      gathered_.emplace_back(token, std::move(outcome));
    }
    if (first) boost::asio::post(executor_, [self = shared_from_this()] { self->run(); });
  }

  /// All of `entries`, which is empty afterwards and keeps its memory.
  void push(std::vector<Entry>& entries) {
    if (entries.empty()) return;
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = gathered_.empty();
      gathered_.insert(gathered_.end(), std::make_move_iterator(entries.begin()),
                       std::make_move_iterator(entries.end()));
    }
    entries.clear();
    if (first) boost::asio::post(executor_, [self = shared_from_this()] { self->run(); });
  }

  void stop() { stopped_ = true; }

 private:
  void run() {
    taken_.clear();
    {
      const std::lock_guard lock(mutex_);
      std::swap(gathered_, taken_);
    }
    for (auto& [token, outcome] : taken_) {
      if (stopped_) return;
      take_(token, std::move(outcome));
    }
  }

  boost::asio::any_io_executor executor_;
  Take take_;             // io thread only
  bool stopped_ = false;  // io thread only
  std::mutex mutex_;
  std::vector<Entry> gathered_;  // under mutex_
  std::vector<Entry> taken_;     // io thread only; both keep their memory
};

}  // namespace pbxbridge
