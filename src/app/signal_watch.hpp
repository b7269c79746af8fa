#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace pbxbridge::app {

/// Holds SIGTERM, SIGINT and SIGHUP back from this thread and those it will make, until somebody takes them: one that
/// comes early is neither lost nor does it kill. Calling it again does nothing.
void hold_signals();
/// Lets them through as the parent of the process did; for commands that end by a signal as any program does.
void release_signals();

/// Takes the held signals on a thread of its own, from before the configuration is read until the process ends, so that
/// one is obeyed whatever the io thread waits for:
///
///   SIGTERM, SIGINT  before there is an io thread: `stopped_early`, and the process ends with 0; after, handed to it
///   a second one     ends the process at once, with 128 + signal
///   SIGHUP           handed to the io thread, when it comes before that: as soon as there is one
///
/// A stop that takes longer than `shutdown_timeout` and a second is ended as well.
class SignalWatch {
 public:
  struct Handlers {  ///< called on the io thread
    std::function<void(int signal)> end;
    std::function<void()> reload;
  };

  /// Both are called on the watch's thread, shortly before it ends the process.
  SignalWatch(std::function<void(int signal)> stopped_early, std::function<void()> overdue);
  /// Releases the signals.
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Ends the thread; signals wait until `resume` starts it again.
  void pause();
  void resume();

  /// `io` must stay until `let_go`.
  void hand_to(boost::asio::io_context& io, Handlers handlers);
  void set_shutdown_timeout(std::chrono::milliseconds timeout);
  /// Hands nothing over any more: the process is about to end with this code, also where that hangs.
  void let_go(int exit_code);

 private:
  struct Watch;
  std::shared_ptr<Watch> watch_;
};

}  // namespace pbxbridge::app
