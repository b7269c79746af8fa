#pragma once

#include "pbxbridge/error.hpp"
#include "spool/store/ballast.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace pbxbridge::spool {

inline constexpr std::uint64_t mebibyte = 1024 * 1024;

/// Space left on the disk of a spool: a reserve that is not written into but at the end, for the tables that what is
/// in memory will be written to and for what is written while the disk is called full; and the ballast, which is given
/// up where even that is taken. Of one thread.
class DiskSpace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Free space below which the spool accepts no event.
  static constexpr std::uint64_t reserve_bytes = 24 * mebibyte;

  DiskSpace(std::filesystem::path directory, std::uint64_t ballast_bytes);

  /// Returns whether the reserve and `besides` are left. If they were, it does not look again for 100 ms.
  bool has_reserve(std::uint64_t besides = 0);
  /// Gives the ballast back to the disk, and does not take it again for 10 s. False where there was none.
  bool release_ballast();
  void take_ballast_if_due();
  Clock::time_point ballast_due() const { return ballast_due_; }
  /// Explains that `has_reserve` is false.
  Error shortage() const;

 private:
  std::filesystem::path directory_;
  Ballast ballast_;
  Clock::time_point ballast_due_;
  Clock::time_point next_look_;
};

}  // namespace pbxbridge::spool
