#pragma once

#include <functional>

namespace pbxbridge::async {

/// Runs `work` on a thread that may outlive its caller: ending a client library can take a while and must not delay the
/// io thread. `work` has to end by itself soon after it was asked to. The end of the process waits about a second for
/// it, then goes without it; the exit status stays what it was.
void run_in_background(std::function<void()> work);

}  // namespace pbxbridge::async
