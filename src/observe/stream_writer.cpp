#include "observe/stream_writer.hpp"

#include <climits>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <poll.h>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace pbxbridge::observe {

namespace {

constexpr std::chrono::milliseconds longest_standstill{300};
constexpr std::chrono::seconds longest_farewell{2};
/// A pipe that can be written to takes so many bytes at once, unmixed with those of other writers.
constexpr std::size_t piece_bytes = PIPE_BUF;

/// Signals belong to another thread. SIGPIPE and SIGXFSZ, which a write raises, then show as the error of that write.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void wait_until_writable(int descriptor) {
  pollfd wanted{descriptor, POLLOUT, 0};
  ::poll(&wanted, 1, -1);
}

}  // namespace

struct StreamWriter::Queue {
  int descriptor = -1;
  DroppedLine dropped_line;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> lines;   // under mutex
  std::size_t dropped = 0;         // under mutex; not told yet
  std::size_t pieces_written = 0;  // under mutex
  bool ending = false;             // under mutex
  bool ended = false;              // under mutex

  void run() {
    block_signals();
    while (auto line = next()) write(*line + '\n');
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
  }

  std::optional<std::string> next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !lines.empty() || ending; });
    if (dropped > 0) return dropped_line(std::exchange(dropped, 0));
    if (lines.empty()) return std::nullopt;
    std::string line = std::move(lines.front());
    lines.pop_front();
    return line;
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      wait_until_writable(descriptor);
      const auto written = ::write(descriptor, bytes.data(), std::min(bytes.size(), piece_bytes));
      if (written < 0 && errno != EINTR && errno != EAGAIN) return;  // nobody reads it any more, or its disk is full
      if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
      const std::lock_guard lock(mutex);
      ++pieces_written;
      changed.notify_all();
    }
  }
};

StreamWriter::StreamWriter(int descriptor, DroppedLine dropped_line) : queue_(std::make_shared<Queue>()) {
  queue_->descriptor = descriptor;
  queue_->dropped_line = std::move(dropped_line);
  // Never joined: it may hang in a write forever.
  std::thread([queue = queue_] { queue->run(); }).detach();
}

StreamWriter::~StreamWriter() {
  const auto end = std::chrono::steady_clock::now() + longest_farewell;
  std::unique_lock lock(queue_->mutex);
  queue_->ending = true;
  queue_->changed.notify_all();
  while (!queue_->ended && std::chrono::steady_clock::now() < end) {
    const auto moved = [this, before = queue_->pieces_written] {
      return queue_->ended || queue_->pieces_written != before;
    };
    if (!queue_->changed.wait_for(lock, longest_standstill, moved)) return;
  }
}

void StreamWriter::write(std::string line) {
  const std::lock_guard lock(queue_->mutex);
  if (queue_->lines.size() == max_lines) {
    queue_->lines.pop_front();
    ++queue_->dropped;
  }
  queue_->lines.push_back(std::move(line));
  queue_->changed.notify_all();
}

}  // namespace pbxbridge::observe
