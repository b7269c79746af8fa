#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace pbxbridge::async {

/// A timer of which only the latest wait counts, and none once it is destroyed. With Asio's own a handler that is due
/// runs in spite of a cancellation, and can so undo what has been decided since. Io thread only.
class LatestTimer {
 public:
  explicit LatestTimer(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  template <class Function>
  void after(boost::asio::steady_timer::duration time, Function function) {
    timer_.expires_after(time);
    timer_.async_wait([function = std::move(function), waits = std::weak_ptr(waits_),
                       wait = ++*waits_](boost::system::error_code) mutable {
      if (const auto latest = waits.lock(); latest && *latest == wait) function();
    });
  }
  void cancel() {
    ++*waits_;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<std::uint64_t> waits_ = std::make_shared<std::uint64_t>(0);  // how many there were
};

}  // namespace pbxbridge::async
