#pragma once

namespace pbxbridge::test {

/// True, where g++ compiles, under AddressSanitizer and ThreadSanitizer: programs are many times slower, need more
/// memory and address space, and keep for a while what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace pbxbridge::test
