#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace pbxbridge::sink {

/// Progress of a batch of lines.
struct LinesWritten {
  std::size_t lines = 0;             ///< so many are acknowledged, as durably as the target was asked to
  std::optional<std::string> retry;  ///< why the next one was not taken, where trying again can help
  std::optional<Error> failure;      ///< the target is of no more use
};

/// Target of a `LineSink`. Lives on the sink's writer thread and may block there. A line is there whole, or it is
/// not acknowledged; after a failed call no part of a line is left before the next one.
class LineTarget {
 public:
  using Clock = std::chrono::steady_clock;
  virtual ~LineTarget() = default;

  /// Returns what was reached, for the log. Called first, and once.
  virtual Result<std::string> open() = 0;
  /// Each line ends with a line break.
  virtual LinesWritten write(std::span<const std::string> lines) = 0;
  /// SIGHUP.
  virtual std::optional<Error> reopen() { return std::nullopt; }
  /// Time at which `flush` is due; nothing: not before more is written.
  virtual std::optional<Clock::time_point> flush_at() const { return std::nullopt; }
  /// Makes durable what was acknowledged before it was. Also called before the end.
  virtual std::optional<Error> flush() { return std::nullopt; }
  /// Something an operator should know; taken by the writer after each call.
  std::optional<std::string> take_notice() { return std::exchange(notice_, std::nullopt); }

 protected:
  void notice(std::string text) { notice_ = std::move(text); }

 private:
  std::optional<std::string> notice_;
};

}  // namespace pbxbridge::sink
