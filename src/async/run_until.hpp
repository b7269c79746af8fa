#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>

namespace pbxbridge::async {

/// Runs handlers until `done` is true, which it returns, or `deadline` has passed. For a thread that has a loop of its
/// own and nothing else to do.
template <class Done>
bool run_until(boost::asio::io_context& io, std::chrono::steady_clock::time_point deadline, Done done) {
  const auto stay = boost::asio::make_work_guard(io);  // what is awaited may come from another thread
  while (!done() && std::chrono::steady_clock::now() < deadline) {
    io.restart();
    io.run_one_until(deadline);
  }
  return done();
}

}  // namespace pbxbridge::async
