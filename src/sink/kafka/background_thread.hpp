#pragma once

#include <functional>

namespace pbxbridge::sink {

/// Runs `work` on a thread that may outlive its caller: ending librdkafka can take a while and must not hold up the io
/// thread. `work` has to end by itself soon after it was told so; at the end of the process it is waited for.
void run_in_background(std::function<void()> work);

}  // namespace pbxbridge::sink
