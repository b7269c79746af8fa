#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace pbxbridge::cli {

struct Progress {
  std::string_view unit;  ///< "events"
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: not known
  std::chrono::duration<double> elapsed{0};
};

/// A bar, how much is done, the rate and the time that is left, in one line of at most `columns`; without a bar where
/// there is no room for one. Pure.
std::string progress_line(const Progress& progress, std::size_t columns, bool in_colour);

/// Shows how far a long command is, ten times a second, once it has taken a fifth of a second, and nothing of it any
/// more after the end. Only where `errors` is standard error and that a terminal.
class ProgressBar {
 public:
  ProgressBar(std::string_view unit, std::uint64_t total, const std::ostream& errors);
  ~ProgressBar() { end(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Costs little: may be called for each event.
  void add(std::uint64_t amount = 1) { set(progress_.done + amount); }
  void set(std::uint64_t done) {
    progress_.done = done;
    if (is_shown_) look();
  }
  void set_total(std::uint64_t total) { progress_.total = total; }
  /// Called before anything else is written to the terminal.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void look();

  const bool is_shown_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point next_;
  Progress progress_;
  bool is_drawn_ = false;
};

}  // namespace pbxbridge::cli
