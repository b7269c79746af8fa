#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::observe {

/// Decides which lines are written: at most `burst` of one kind in a minute. Pure; the time is passed in.
class LogLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr int burst = 10;
  static constexpr std::chrono::minutes period{1};

  /// Returns how many of this kind were left out since the last one written; nothing where this one is left out too.
  std::optional<std::uint64_t> admit(const std::string& kind, Time now) {
    auto& state = kinds_[kind];
    if (state.written == 0 || now - state.began >= period) {
      state.began = now;
      state.written = 0;
    }
    if (state.written >= burst) {
      ++state.left_out;
      return std::nullopt;
    }
    ++state.written;
    return std::exchange(state.left_out, 0);
  }

 private:
  struct Kind {
    Time began{};
    int written = 0;
    std::uint64_t left_out = 0;
  };
  // Bounded: codes times the names of the configuration and lines that are written once.
  std::map<std::string, Kind> kinds_;
};

}  // namespace pbxbridge::observe
