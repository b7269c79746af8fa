#include "cli/progress_bar.hpp"

#include "cli/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace pbxbridge::cli {

namespace {

constexpr std::chrono::milliseconds delay{200};
constexpr std::chrono::milliseconds interval{100};
constexpr std::size_t longest_bar = 30;
constexpr std::size_t shortest_bar = 5;
constexpr std::size_t usual_columns = 80;

/// 1,234,567
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string time_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  return whole < 3600 ? fmt::format("{} min {:02} s", whole / 60, whole % 60)
                      : fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string bar(double share, std::size_t columns) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(columns));
  return '[' + std::string(full, '#') + std::string(columns - full, '-') + ']';
}

}  // namespace

std::string progress_line(const Progress& progress, std::size_t columns, bool in_colour) {
  const double rate = progress.elapsed.count() > 0 ? static_cast<double>(progress.done) / progress.elapsed.count() : 0;
  const std::string speed =
      fmt::format("{} {}, {}/s", grouped(progress.done), progress.unit, grouped(static_cast<std::uint64_t>(rate)));
  if (progress.total == 0) return speed.substr(0, columns);
  const std::uint64_t done = std::min(progress.done, progress.total);
  const double share = static_cast<double>(done) / static_cast<double>(progress.total);
  std::string text = fmt::format("{:3.0f} %  {}", share * 100, speed);
  if (rate > 0) text += fmt::format(", {} left", time_text(static_cast<double>(progress.total - done) / rate));
  constexpr std::size_t around = 3;  // brackets and a blank
  if (columns < text.size() + around + shortest_bar) return text.substr(0, columns);
  const std::string drawn = bar(share, std::min(longest_bar, columns - text.size() - around));
  return (in_colour ? coloured(drawn, Colour::green) : drawn) + ' ' + text;
}

ProgressBar::ProgressBar(std::string_view unit, std::uint64_t total, const std::ostream& errors)
    : is_shown_(&errors == &std::cerr && ::isatty(STDERR_FILENO) == 1),
      next_(begin_ + delay),
      progress_{.unit = unit, .total = total} {}

void ProgressBar::end() {
  if (std::exchange(is_drawn_, false)) std::cerr << "\r\x1b[K" << std::flush;
}

void ProgressBar::look() {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + interval;
  progress_.elapsed = now - begin_;
  const std::size_t columns = terminal_size(STDERR_FILENO, {usual_columns, 0}).columns;
  std::cerr << "\r\x1b[K" << progress_line(progress_, columns - 1, shows_colour(STDERR_FILENO)) << std::flush;
  is_drawn_ = true;
}

}  // namespace pbxbridge::cli
