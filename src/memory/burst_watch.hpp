#pragma once

#include <cstdint>

namespace pbxbridge::memory {

/// Notices that a burst is over which has left memory behind: the allocator keeps what was freed, in holes between what
/// is still in use. To be asked every `interval_seconds`. Pure.
class BurstWatch {
 public:
  static constexpr int interval_seconds = 10;

  /// `resident_bytes`: of the process; `work`: how many events were received and delivered so far.
  bool is_over(std::uint64_t resident_bytes, std::uint64_t work);
  /// What was left behind has been given back.
  void given_back(std::uint64_t resident_bytes) { least_ = resident_bytes; }

 private:
  std::uint64_t least_ = ~std::uint64_t{0};  // resident, since it was last given back
  std::uint64_t work_ = 0;
};

/// Of this process, 0 where it is not known.
std::uint64_t resident_bytes();

/// To the system, what the allocator keeps of freed memory. Keeps others from allocating for some tens of milliseconds
/// where that is much.
void give_back_freed_memory();

}  // namespace pbxbridge::memory
