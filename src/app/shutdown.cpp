#include "app/shutdown.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::app {

namespace {

/// Shares of the time for stopping: for writing the last events, and for the last cursors.
constexpr int flush_share = 3;
constexpr std::chrono::milliseconds flush_reserve{500};

/// Describes what a sink could not take; `gone`: events that its bounds have removed from the spool meanwhile.
std::string rest_text(bool durable, std::uint64_t gone) {
  const std::string stopped = "stopped before everything was delivered; ";
  if (!durable) return stopped + "the spool is in memory, so the rest is lost";
  if (gone == 0) return stopped + "the rest stays in the spool for the next start";
  return stopped + "the spool has dropped its oldest events, which the next start counts; the rest stays in it";
}

}  // namespace

Shutdown::Shutdown(Sessions& sessions, Sinks& sinks, spool::EventLog& spool, observe::Log& log)
    : sessions_(sessions), sinks_(sinks), spool_(spool), log_(log) {}

void Shutdown::begin(std::chrono::milliseconds timeout, std::function<void(std::uint64_t)> stopped) {
  stopped_ = std::move(stopped);
  deadline_ = std::chrono::steady_clock::now() + timeout;
  running_ = sessions_.size();
  for (auto& [name, session] : sessions_)
    session->stop([this] {
      if (--running_ == 0) flush(flush_share, [this] { stop_sinks(); });
    });
}

std::chrono::milliseconds Shutdown::time_left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(100));
}

void Shutdown::flush(int share, std::function<void()> then) {
  spool_.flush(time_left() / share, [this, then = std::move(then)](bool flushed) {
    disk_is_stuck_ = !flushed;
    if (!flushed)
      log_.write(observe::log_code::spool_not_flushed, "",
                 "the disk did not take in time what was to be written; pbxbridge ends without waiting for it");
    then();
  });
}

void Shutdown::stop_sinks() {
  running_ = sinks_.size();
  const auto limit = std::max(time_left() - flush_reserve, time_left() / 2);
  for (auto& [name, sink] : sinks_)
    sink->stop(deliver::SinkLoop::StopMode::when_drained, limit,
               [this, name = name](std::uint64_t rest) { sink_stopped(name, rest); });
}

void Shutdown::sink_stopped(const std::string& name, std::uint64_t rest) {
  rest_ += rest;
  if (rest > 0) {
    const auto gone = spool_.lost_at_the_end(sinks_.at(name)->cursor());
    log_.write(observe::log_code::stopped_with_rest, "sink " + name, rest_text(spool_.durable(), gone),
               {{"deliveries", std::to_string(rest)}, {"events_lost", std::to_string(gone)}});
  }
  // The last acknowledgements are written as well, so that nothing is delivered again.
  if (--running_ == 0) flush(1, [this] { std::exchange(stopped_, nullptr)(rest_); });
}

}  // namespace pbxbridge::app
