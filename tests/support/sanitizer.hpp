#pragma once

namespace pbxbridge::test {

/// Whether this program and those of the same build run under AddressSanitizer or ThreadSanitizer: many times slower,
/// in more memory and address space, and with what was freed kept for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace pbxbridge::test
