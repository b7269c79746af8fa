#pragma once

#include <cstddef>

namespace pbxbridge::test {

/// How many events may come twice. An acknowledgement that was not written down before a kill: what was delivered in
/// the cursor's interval of 200 ms; one that did not come before a connection ended: what was in flight.
inline constexpr std::size_t duplicates_of_a_kill = 1500;
inline constexpr std::size_t duplicates_of_a_connection = 1000;

}  // namespace pbxbridge::test
