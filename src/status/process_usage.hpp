#pragma once

#include <cstdint>

namespace pbxbridge::status {

/// Resources that this process uses, as the kernel says; 0 where it does not say.
struct ProcessUsage {
  double cpu_seconds = 0;  ///< of all threads, since the start
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_limit = 0;
};

/// Reads /proc, which waits for no disk; some microseconds, and as many again for each hundred open files.
ProcessUsage process_usage();

}  // namespace pbxbridge::status
