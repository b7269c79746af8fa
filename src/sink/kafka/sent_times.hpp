#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pbxbridge::sink {

/// The timestamps of what is in flight, by token: a report of an error holds none. Set on one thread and read on
/// another once the record has its report. Two tokens in flight far apart may share a place, which then holds the time
/// of one.
class SentTimes {
 public:
  using Milliseconds = std::chrono::milliseconds;  ///< since 1970

  void set(std::uint64_t token, Milliseconds time) { of(token).store(time.count(), std::memory_order_relaxed); }
  Milliseconds get(std::uint64_t token) { return Milliseconds(of(token).load(std::memory_order_relaxed)); }

 private:
  static constexpr std::size_t places = 32'768;  // more than are in flight

  std::atomic<std::int64_t>& of(std::uint64_t token) { return times_[token % places]; }

  std::array<std::atomic<std::int64_t>, places> times_{};
};

}  // namespace pbxbridge::sink
