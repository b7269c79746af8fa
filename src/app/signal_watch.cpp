#include "app/signal_watch.hpp"

#include "app/run.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>

namespace pbxbridge::app {

namespace {

using Clock = std::chrono::steady_clock;

/// Time for what comes after the deliveries: closing files and connections.
constexpr std::chrono::seconds grace{1};

sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

sigset_t mask_of_parent;
bool held = false;

/// Nothing once `deadline` has passed.
std::optional<siginfo_t> next_signal(std::optional<Clock::time_point> deadline) {
  const sigset_t signals = watched_signals();
  while (true) {
    timespec wait{};
    if (deadline) {
      const auto left = std::max(*deadline - Clock::now(), Clock::duration::zero());
      const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
      wait = {seconds.count(), (left - seconds).count()};
    }
    siginfo_t signal{};
    const int number = deadline ? sigtimedwait(&signals, &signal, &wait) : sigwaitinfo(&signals, &signal);
    if (number > 0) return signal;
    if (errno == EAGAIN) return std::nullopt;
  }
}

/// Sent by `SignalWatch` to its own thread; all others are sent to the process.
bool is_wake_up(const siginfo_t& signal) { return signal.si_code == SI_QUEUE && signal.si_pid == getpid(); }

}  // namespace

void hold_signals() {
  if (std::exchange(held, true)) return;
  const sigset_t signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, &mask_of_parent);
}

void release_signals() {
  if (std::exchange(held, false)) pthread_sigmask(SIG_SETMASK, &mask_of_parent, nullptr);
}

struct SignalWatch::Watch {
  std::function<void(int)> stopped_early;
  std::function<void()> overdue;
  std::mutex mutex;
  boost::asio::io_context* io = nullptr;      // under mutex
  Handlers handlers;                          // under mutex
  std::chrono::milliseconds timeout{0};       // under mutex
  std::optional<Clock::time_point> deadline;  // under mutex; set by the first signal that ends
  bool reload_wanted = false;                 // under mutex
  bool is_over = false;                       // under mutex
  int exit_code = exit_ok;                    // under mutex
  std::thread thread;

  void start() {
    is_over = false;
    thread = std::thread([this] { run(); });
  }

  /// Signals that came before are taken.
  void stop() {
    {
      const std::lock_guard lock(mutex);
      is_over = true;
    }
    pthread_sigqueue(thread.native_handle(), SIGHUP, {});
    thread.join();
  }

  void run() {
    std::optional<Clock::time_point> until;
    while (true) {
      const auto signal = next_signal(until);
      const std::lock_guard lock(mutex);
      if (is_over && (!signal || is_wake_up(*signal))) return;
      take(signal ? std::optional(signal->si_signo) : std::nullopt);
      until = deadline;
    }
  }

  /// Under the mutex, so that nobody ends the process while it does.
  void take(std::optional<int> signal) {
    if (!signal) {
      overdue();
      std::_Exit(exit_code);
    }
    if (*signal == SIGHUP) {
      reload_wanted = true;
      return hand_off_reload();
    }
    if (deadline) std::_Exit(128 + *signal);
    if (io == nullptr) {
      stopped_early(*signal);
      std::_Exit(exit_code);
    }
    deadline = Clock::now() + timeout + grace;
    boost::asio::post(*io, [end = handlers.end, signal = *signal] { end(signal); });
  }

  void hand_off_reload() {
    if (io != nullptr && std::exchange(reload_wanted, false)) boost::asio::post(*io, handlers.reload);
  }
};

SignalWatch::SignalWatch(std::function<void(int)> stopped_early, std::function<void()> overdue)
    : watch_(std::make_shared<Watch>()) {
  hold_signals();
  watch_->stopped_early = std::move(stopped_early);
  watch_->overdue = std::move(overdue);
  watch_->start();
}

SignalWatch::~SignalWatch() {
  if (watch_->thread.joinable()) watch_->stop();  // paused where loading a plug-in threw
  release_signals();
}

void SignalWatch::pause() { watch_->stop(); }

void SignalWatch::resume() { watch_->start(); }

void SignalWatch::hand_to(boost::asio::io_context& io, Handlers handlers) {
  const std::lock_guard lock(watch_->mutex);
  watch_->io = &io;
  watch_->handlers = std::move(handlers);
  watch_->exit_code = exit_failure;
  watch_->hand_off_reload();
}

void SignalWatch::set_shutdown_timeout(std::chrono::milliseconds timeout) {
  const std::lock_guard lock(watch_->mutex);
  watch_->timeout = timeout;
}

void SignalWatch::let_go(int exit_code) {
  const std::lock_guard lock(watch_->mutex);
  watch_->io = nullptr;
  watch_->exit_code = exit_code;
}

}  // namespace pbxbridge::app
