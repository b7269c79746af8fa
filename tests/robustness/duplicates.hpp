#pragma once

#include <cstddef>

namespace pbxbridge::test {

// Numbers of events that may come twice, at 1,000 events a second.

/// Events acknowledged in the cursor's interval of 200 ms, and those in flight: 20 at mosquitto, and at Kafka what
/// comes in a tenth of a second; rounded up for machines that are busy with other tests.
inline constexpr std::size_t duplicates_of_a_kill = 400;
/// Events in flight.
inline constexpr std::size_t duplicates_of_a_connection = 200;

}  // namespace pbxbridge::test
