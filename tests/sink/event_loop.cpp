#include "sink/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace pbxbridge::test {

struct EventLoop::Context {
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = boost::asio::make_work_guard(io);
};

EventLoop::EventLoop() : context_(std::make_unique<Context>()) {}
EventLoop::~EventLoop() = default;

boost::asio::any_io_executor EventLoop::executor() { return context_->io.get_executor(); }

bool EventLoop::run_until(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    context_->io.run_one_for(std::chrono::milliseconds(10));  // a condition may change without a handler
  }
  return true;
}

void EventLoop::run_for(std::chrono::milliseconds time) { context_->io.run_for(time); }

}  // namespace pbxbridge::test
