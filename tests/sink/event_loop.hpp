#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace pbxbridge::test {

/// The io thread of a test, which is the test's own thread while it waits here.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();

  boost::asio::any_io_executor executor();

  /// Runs handlers until `condition` holds; false if it does not within `deadline`.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition,
                               std::chrono::milliseconds deadline = std::chrono::seconds(30));

  /// Runs handlers for so long: to show that something does not happen.
  void run_for(std::chrono::milliseconds time);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace pbxbridge::test
